using System.Collections.Immutable;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution.Padding;
using InferenceRuntime.Execution.Processors;
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
        var plan = ThreadPlan.For(options.Threads, options.Instances, CpuQuota.Read());
        SharedSession session;
        try
        {
            session = SessionFactory.Create(file.Bytes, folder, plan, summary);
        }
        catch (OnnxRuntimeException exception)
        {
            return Rejected(LoadFailure.Explain(exception.Message, summary));
        }

        // Holds the session until the instances do.
        session.Retain();
        try
        {
            return SignatureReader.Read(session.Session, summary) switch
            {
                SignatureReading.Served served => Serve(SignatureOf(served, session), session, plan, cancellationToken),
                SignatureReading.Unsupported unsupported => Rejected(unsupported.Reason),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
        finally
        {
            session.Release();
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

    private ModelLoad Serve(ModelSignature signature, SharedSession session, ThreadPlan plan, CancellationToken cancellationToken)
    {
        if (PaddingPlan.Objection(options.Settings, signature) is { } objection)
        {
            return Rejected(objection);
        }

        var instances = ImmutableArray.CreateBuilder<IModelInstance>(options.Instances);
        List<TrialRun> runs = [];
        try
        {
            for (var i = 0; i < options.Instances; i++)
            {
                var instance = new OnnxInstance(signature, session, clock);
                instances.Add(instance);
                runs = WarmUp(instance, signature, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            foreach (var instance in instances)
            {
                instance.Dispose();
            }

            throw;
        }

        var engine = new BatchingEngine(signature, instances.ToImmutable(), options.Settings, clock, logger);
        engine.ExpectServiceTimes(runs);
        var took = clock.GetElapsedTime(startedAt);
        logger.ModelLoaded(options.Name, took.TotalSeconds, file.Sha256, signature.Batched, options.Instances, plan.ThreadsPerRun);
        return new ModelLoad.Loaded(engine, new ModelFacts(file.Sha256, OnnxRuntimeLibrary.CpuProvider, plan.ThreadsPerRun, took));
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
