using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>One instance of an ONNX model. On the processor all instances share a session, which belongs to none of them.</summary>
internal sealed class OnnxInstance : IModelInstance
{
    /// <summary>A single request of at least this many bytes is run on its own memory instead of a copy; see docs/decisions/0004.</summary>
    public const long OwnMemoryBytesMin = 512 * 1024;

    // ONNX Runtime gives the free part of its arena back at the end of a run that asks for it.
    private const string ShrinkArena = "memory.enable_memory_arena_shrinkage";

    private readonly RunOptions _options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private readonly BoundRuns? _bound;
    private readonly UnboundRuns _unbound;
    private readonly SharedSession _session;
    private readonly ModelSignature _signature;
    private readonly OutputPool _pool;
    private readonly TimeProvider _clock;

    /// <param name="signature">The model's signature, held against the model by a probe.</param>
    /// <param name="session">The session; released with this instance.</param>
    /// <param name="clock">Measures the runs.</param>
    public OnnxInstance(ModelSignature signature, SharedSession session, TimeProvider clock)
    {
        _session = session;
        session.Retain();
        _signature = signature;
        _clock = clock;
        _pool = new OutputPool(signature.Outputs.Length);
        _bound = BoundRuns.For(signature, session.Session, _options, _pool, clock);
        _unbound = new UnboundRuns(signature, session.Session, _options, _pool, clock);
    }

    /// <inheritdoc/>
    public RunResult Run(ReadOnlySpan<InferenceRequest> requests, int rows, Span<OutputLease> answers)
    {
        using var flushing = DenormalNumbers.Flush();
        var onOwnMemory = requests.Length == 1 && requests[0].Bytes >= OwnMemoryBytesMin;
        return _bound is null || onOwnMemory ? RunUnbound(requests, rows, answers) : RunBound(_bound, requests, rows, answers);
    }

    /// <summary>Runs without bound buffers, so that outputs may have any shape: for probing what the model declares.</summary>
    public RunResult RunUnbound(ReadOnlySpan<InferenceRequest> requests, int rows, Span<OutputLease> answers)
    {
        try
        {
            return _unbound.Run(requests, rows, answers);
        }
        catch (OnnxRuntimeException exception)
        {
            return RunFailure.From(exception.Message, TimeSpan.Zero);
        }
    }

    /// <inheritdoc/>
    public void GiveMemoryBack()
    {
        _bound?.GiveMemoryBack();
        _unbound.GiveMemoryBack();
        if (TrialRequest.Of(_signature, rows: 1, firstRow: 0) is { } trial)
        {
            using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            options.AddRunConfigEntry(ShrinkArena, _session.Place.Arenas);
            using var run = new UnboundRuns(_signature, _session.Session, options, _pool, _clock);
            TryRun(run, trial);
        }

        AllocatorMemory.Trim();
    }

    /// <inheritdoc/>
    public void RequestAbort() => _options.Terminate = true;

    /// <inheritdoc/>
    public void WithdrawAbort() => _options.Terminate = false;

    /// <inheritdoc/>
    public void Dispose()
    {
        _bound?.Dispose();
        _unbound.Dispose();
        _options.Dispose();
        _session.Release();
    }

    // A model that refuses the trial keeps its arena: nothing else is lost.
    private static void TryRun(UnboundRuns run, InferenceRequest trial)
    {
        Span<OutputLease> answers = new OutputLease[1];
        try
        {
            if (run.Run([trial], trial.Rows, answers).Status is RunStatus.Done)
            {
                answers[0].Release?.Invoke();
            }
        }
        catch (OnnxRuntimeException)
        {
        }
    }

    private static RunResult RunBound(BoundRuns bound, ReadOnlySpan<InferenceRequest> requests, int rows, Span<OutputLease> answers)
    {
        try
        {
            return bound.Run(requests, rows, answers);
        }
        catch (OnnxRuntimeException exception)
        {
            return RunFailure.From(exception.Message, TimeSpan.Zero);
        }
    }
}
