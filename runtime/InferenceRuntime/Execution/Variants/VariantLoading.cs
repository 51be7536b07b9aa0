using InferenceRuntime.Contract;

namespace InferenceRuntime.Execution.Variants;

/// <summary>Loads a model with its variants, one after the other.</summary>
internal static class VariantLoading
{
    /// <summary>Loads the full model and each variant; all or nothing.</summary>
    /// <param name="full">The full model.</param>
    /// <param name="variants">Names and paths of the others, at least one; names differ from each other and from <c>full</c>.</param>
    /// <param name="clock">The clock of all timestamps.</param>
    /// <param name="loggers">Where the engines log.</param>
    /// <param name="cancellationToken">Gives the load up between its steps.</param>
    /// <exception cref="OperationCanceledException">The load was given up.</exception>
    public static async Task<ModelLoad> LoadAsync(
        EngineOptions full, IReadOnlyList<KeyValuePair<string, string>> variants, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        List<ModelVariant> loaded = [];
        var isComplete = false;
        try
        {
            ModelFacts? facts = null;
            foreach (var (name, path) in (KeyValuePair<string, string>[])[new(ServingShares.Full, full.ModelPath), .. variants])
            {
                var options = loaded.Count == 0 ? full : full with { ModelPath = path, Sha256 = null };
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
