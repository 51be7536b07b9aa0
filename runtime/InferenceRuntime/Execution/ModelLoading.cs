using System.Collections.Immutable;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution.Padding;
using InferenceRuntime.Execution.Providers;
using InferenceRuntime.Execution.Sessions;
using InferenceRuntime.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace InferenceRuntime.Execution;

/// <summary>The steps from a model file that was read to an engine that answers. Blocks the thread that runs it for seconds.</summary>
/// <param name="options">What to load; in range.</param>
/// <param name="file">The file.</param>
/// <param name="startedAt">When the load began.</param>
/// <param name="clock">The clock of all timestamps.</param>
/// <param name="logger">Where the engine logs.</param>
internal sealed class ModelLoading(EngineOptions options, ModelFile.Read file, long startedAt, TimeProvider clock, ILogger logger)
{
    private const string Platform = "onnxruntime_onnx";

    /// <summary>Checks, loads, probes and warms the model.</summary>
    /// <exception cref="OperationCanceledException">The load was given up.</exception>
    public ModelLoad Run(CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(options.ModelPath)) ?? "/";
        if (Check(folder, out var summary) is { } fault)
        {
            return Rejected(fault);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var choice = AcceleratorChoice.Of(options.Accelerator, new EngineCache(options.Accelerator.EngineCachePath, file.Sha256));
        if (AcceleratorChoice.Objection(choice, options, Math.Max(summary.InitializerBytes, 0)) is { } objection)
        {
            return Rejected(objection);
        }

        ModelSessions sessions;
        try
        {
            sessions = ModelSessions.Create(file.Bytes, file.Sha256, folder, summary, choice, options);
        }
        catch (OnnxRuntimeException exception)
        {
            return Rejected(LoadFailure.Explain(exception.Message, summary));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Rejected($"TensorRT's engines cannot be kept: {exception.Message}");
        }

        using (sessions)
        {
            if (choice is ProviderChoice.Cpu cpu)
            {
                logger.RunsOnCpu(options.Name, cpu.Reason);
            }

            return SignatureReader.Read(sessions.First.Session, summary) switch
            {
                SignatureReading.Served served => Serve(SignatureOf(served, sessions.First), sessions, cancellationToken),
                SignatureReading.Unsupported unsupported => Rejected(unsupported.Reason),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
    }

    private ModelLoad.Rejected Rejected(string reason) => new($"{options.ModelPath}: {reason}");

    private string? Check(string folder, out OnnxSummary summary)
    {
        switch (OnnxFile.Check(file.Bytes, new OnnxLimits(OnnxRuntimeLibrary.OperatorSetMax)))
        {
            case OnnxCheck.Rejected rejected:
                summary = null!; // Not read beside a fault.
                return rejected.Reason;
            case OnnxCheck.Accepted accepted:
                summary = accepted.Summary;
                return StrayFile(summary, folder) ?? OnnxFile.MissingExternalData(summary, folder) ?? SignatureReader.Fault(summary);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    // Links on a volume that others write must not lead to what else the process can read.
    private string? StrayFile(OnnxSummary summary, string folder)
    {
        if (options.Roots is not { } roots)
        {
            return null;
        }

        var real = roots.Select(RealPath.Of).OfType<string>().ToList();
        return summary.ExternalFiles.Select(piece => Path.Combine(folder, piece.Location)).Distinct(StringComparer.Ordinal).Prepend(options.ModelPath)
            .Where(file => RealPath.Of(file) is not { } place || !real.Any(root => RealPath.LiesIn(place, root)))
            .Select(file => $"{file} leads out of {string.Join(" and ", roots)}")
            .FirstOrDefault();
    }

    private ModelSignature SignatureOf(SignatureReading.Served served, SharedSession session)
    {
        var signature = new ModelSignature(
            options.Name, options.Version, Platform, served.Inputs, served.Outputs, served.UnbatchedBecause is null);
        if (served.UnbatchedBecause is { } declared)
        {
            logger.ServedUnbatched(options.Name, declared);
            return signature;
        }

        using var instance = new OnnxInstance(signature, session, clock);
        var trial = ModelTrial.TryBatchAxis(instance, signature);
        if (!trial.RowsStandAlone)
        {
            logger.ServedUnbatched(options.Name, trial.Reason ?? "its rows do not stand alone");
        }
        else if (trial.Reason is { } unseen)
        {
            logger.ProbeRefused(options.Name, unseen);
        }

        return signature with { Batched = trial.RowsStandAlone };
    }

    private ModelLoad Serve(ModelSignature signature, ModelSessions sessions, CancellationToken cancellationToken)
    {
        if (PaddingPlan.Objection(options.Settings, signature) is { } objection)
        {
            return Rejected(objection);
        }

        var instances = ImmutableArray.CreateBuilder<IModelInstance>(options.Instances);
        List<TrialRun> runs = [];
        ModelPlacement? placement = null;
        string? fault = null;
        try
        {
            for (var i = 0; i < options.Instances && fault is null; i++)
            {
                var instance = new OnnxInstance(signature, sessions.Of(i), clock);
                instances.Add(instance);
                runs = WarmUp(instance, signature, cancellationToken);
                if (placement is null)
                {
                    (placement, fault) = Place(sessions.EndWarmUp());
                }
            }
        }
        catch (OperationCanceledException)
        {
            DisposeAll(instances);
            throw;
        }

        if (fault is not null)
        {
            DisposeAll(instances);
            return Rejected(fault);
        }

        var engine = new BatchingEngine(signature, instances.ToImmutable(), options.Settings, clock, logger, placement);
        engine.ExpectServiceTimes(runs);
        var took = clock.GetElapsedTime(startedAt);
        logger.ModelLoaded(options.Name, took.TotalSeconds, file.Sha256, signature.Batched, options.Instances, sessions.Plan.ThreadsPerRun);
        return new ModelLoad.Loaded(engine, new ModelFacts(file.Sha256, placement!, sessions.Plan.ThreadsPerRun, took)); // Set with the first instance.
    }

    private (ModelPlacement Placement, string? Fault) Place(PlacementReading reading)
    {
        var placement = reading.Placement;
        if (placement.Provider != OnnxRuntimeLibrary.CpuProvider)
        {
            logger.RunsOn(options.Name, placement.Provider, placement.NodeShare, placement.TimeShare, reading.OnProcessor.IsEmpty ? "none" : string.Join(", ", reading.OnProcessor));
        }

        return (placement, AcceleratorChoice.TooLittle(reading, options.Accelerator.TimeShareMin));
    }

    private static void DisposeAll(IEnumerable<IModelInstance> instances)
    {
        foreach (var instance in instances)
        {
            instance.Dispose();
        }
    }

    // Each bucket of padded lengths is warmed by itself: its first run allocates, and its time is its own.
    private List<TrialRun> WarmUp(OnnxInstance instance, ModelSignature signature, CancellationToken cancellationToken)
    {
        var rowsMax = signature.Batched ? options.Settings.Batching.MaxSize : 1;
        ModelSignature[] trials = [.. PaddingPlan.For(options.Settings, signature)?.Trials(signature) ?? [signature]];
        var timeMax = options.WarmUpMax / options.Instances / trials.Length;
        return [.. trials.SelectMany(trial => ModelTrial.WarmUp(instance, trial, rowsMax, timeMax, clock, cancellationToken))];
    }
}
