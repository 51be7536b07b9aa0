using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Execution.Processors;

namespace InferenceRuntime.Execution;

/// <summary>The thread of one instance: takes closed batches, runs them, hands the outcomes over.</summary>
internal sealed class BatchWorker : IDisposable
{
    private readonly BatchingEngine _engine;
    private readonly IModelInstance _instance;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Batch _batch = new();

    // Scratch of the batch that runs, as long as the largest batch so far.
    private InferenceRequest[] _requests = new InferenceRequest[64];
    private OutputLease[] _answers = new OutputLease[64];
    private PendingInference[] _pending = new PendingInference[64];

    public BatchWorker(BatchingEngine engine, IModelInstance instance, TimeProvider clock, ILogger logger, int index)
    {
        _engine = engine;
        _instance = instance;
        _clock = clock;
        _logger = logger;
        _thread = new Thread(Work) { IsBackground = true, Name = $"inference {index}" };
    }

    /// <summary>Completes when the thread has ended.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Disposes the instance; the thread has ended.</summary>
    public void Dispose() => _instance.Dispose();

    private void Work()
    {
        WorkerPriority.Lower();
        while (_engine.WaitForBatch(_batch, out var closedAt))
        {
            try
            {
                Execute(closedAt);
            }
            finally
            {
                _engine.EndBatch();
            }
        }

        _stopped.SetResult();
    }

    private void Execute(long closedAt)
    {
        var count = Unpack();
        var requests = _requests.AsSpan(0, count);
        var answers = _answers.AsSpan(0, count);
        var pending = _pending.AsSpan(0, count);
        var rows = _batch.Rows;

        var result = Run(requests, rows, answers);
        var endedAt = _clock.GetTimestamp();
        if (result.Status is RunStatus.Done)
        {
            _engine.AddExecution(rows, closedAt, endedAt);
            Answer(pending, answers, result, closedAt, endedAt);
        }
        else if (count > 1)
        {
            RunEachAlone(requests, answers, pending);
        }
        else
        {
            pending[0].Complete(OutcomeOf(result));
        }

        // Neither requests nor answers are kept alive until the next batch.
        requests.Clear();
        answers.Clear();
        pending.Clear();
        _batch.Clear();
    }

    // One request that the model refuses must not fail its neighbours: each gets one more try, by itself.
    // Until its own try begins it counts as queued.
    private void RunEachAlone(Span<InferenceRequest> requests, Span<OutputLease> answers, Span<PendingInference> pending)
    {
        for (var i = 0; i < requests.Length; i++)
        {
            var startedAt = _clock.GetTimestamp();
            var result = Run(requests.Slice(i, 1), requests[i].Rows, answers.Slice(i, 1));
            if (result.Status is not RunStatus.Done)
            {
                pending[i].Complete(OutcomeOf(result));
                continue;
            }

            var endedAt = _clock.GetTimestamp();
            _engine.AddExecution(requests[i].Rows, startedAt, endedAt);
            Answer(pending.Slice(i, 1), answers.Slice(i, 1), result, startedAt, endedAt);
        }
    }

    private RunResult Run(ReadOnlySpan<InferenceRequest> requests, int rows, Span<OutputLease> answers)
    {
        RunResult result;
        try
        {
            result = _instance.Run(requests, rows, answers);
        }
#pragma warning disable CA1031 // The edge of the worker: whatever a run throws, its requests are answered and the thread lives on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _logger.RunThrew(exception, _engine.Signature.Name, rows);
            return new RunResult(RunStatus.Failed, TimeSpan.Zero, null);
        }

        if (result.Status is RunStatus.Failed)
        {
            _logger.RunFailed(_engine.Signature.Name, rows, result.Reason ?? "no reason given");
        }

        return result;
    }

    private void Answer(
        ReadOnlySpan<PendingInference> pending, ReadOnlySpan<OutputLease> answers, RunResult result, long closedAt, long endedAt)
    {
        var copy = _clock.GetElapsedTime(closedAt, endedAt) - result.Compute;
        for (var i = 0; i < pending.Length; i++)
        {
            var queue = _clock.GetElapsedTime(pending[i].AcceptedAt, closedAt);
            var phases = new PhaseTimes(
                queue < TimeSpan.Zero ? TimeSpan.Zero : queue, result.Compute, copy < TimeSpan.Zero ? TimeSpan.Zero : copy);
            pending[i].Complete(new InferenceOutcome.Answered(answers[i].Outputs, phases, answers[i].Release));
        }
    }

    private static InferenceOutcome OutcomeOf(RunResult result) => result.Status is RunStatus.Refused
        ? new InferenceOutcome.Refused(result.Reason ?? "the model does not run on this input")
        : new InferenceOutcome.Failed();

    private int Unpack()
    {
        var waiting = _batch.Requests;
        if (waiting.Length > _requests.Length)
        {
            var length = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)waiting.Length);
            Array.Resize(ref _requests, length);
            Array.Resize(ref _answers, length);
            Array.Resize(ref _pending, length);
        }

        for (var i = 0; i < waiting.Length; i++)
        {
            _pending[i] = (PendingInference)waiting[i];
            _requests[i] = _pending[i].Request;
        }

        return waiting.Length;
    }
}
