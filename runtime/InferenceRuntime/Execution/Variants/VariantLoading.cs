using InferenceRuntime.Contract;

namespace InferenceRuntime.Execution.Variants;

/// <summary>Loads a model with its variants, one after the other.</summary>
internal static class VariantLoading
{
    /// <summary>Loads the full model and each variant; all or nothing.</summary>
    /// <param name="full">The full model.</param>
    /// <param name="variants">The others, at least one.</param>
    /// <param name="clock">The clock of all timestamps.</param>
    /// <param name="loggers">Where the engines log.</param>
    /// <param name="cancellationToken">Gives the load up between its steps.</param>
    /// <exception cref="OperationCanceledException">The load was given up.</exception>
    public static async Task<ModelLoad> LoadAsync(
        EngineOptions full, IReadOnlyList<VariantFile> variants, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        List<ModelVariant> loaded = [];
        var isComplete = false;
        try
        {
            ModelFacts? facts = null;
            foreach (var (name, path, sha256) in (VariantFile[])[new(ServingShares.Full, full.ModelPath, full.Sha256), .. variants])
            {
                var options = full with { ModelPath = path, Sha256 = sha256 };
                switch (await OnnxEngine.LoadAsync(options, clock, loggers, cancellationToken).ConfigureAwait(false))
                {
                    case ModelLoad.Loaded one:
                        loaded.Add(new ModelVariant(name, one.Engine));
                        facts ??= one.Facts;
                        break;
                    case var other:
                        return other;
                }

                if (SignatureAgreement.Difference(loaded[0].Engine.Signature, loaded[^1].Engine.Signature) is { } difference)
                {
                    return new ModelLoad.Rejected($"{path}: variant '{name}': {difference}");
                }
            }

            var engine = new VariantEngine([.. loaded], full.Settings with { Serving = null }, clock);
            if (engine.Objection(full.Settings) is { } objection)
            {
                return new ModelLoad.Rejected(objection);
            }

            engine.Apply(full.Settings);
            isComplete = true;
            return new ModelLoad.LoadedVariants(engine, facts!); // Set with the first.
        }
        finally
        {
            if (!isComplete)
            {
                foreach (var variant in loaded)
                {
                    await variant.Engine.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
    }
}
