using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Execution;

/// <summary>Runs batches on one instance and hands the outcomes over. Used by one worker.</summary>
internal sealed class BatchExecution(
    string model, IModelInstance instance, BatchDispatcher dispatcher, EngineStatistics statistics, TimeProvider clock, ILogger logger) : IDisposable
{
    // Scratch of the batch that runs, as long as the largest batch so far.
    private InferenceRequest[] _requests = new InferenceRequest[64];
    private OutputLease[] _answers = new OutputLease[64];
    private PendingInference[] _pending = new PendingInference[64];

    /// <summary>Runs a batch that closed at <paramref name="closedAt"/> and completes each of its requests.</summary>
    public void Run(Batch batch, long closedAt)
    {
        var count = Unpack(batch);
        var requests = _requests.AsSpan(0, count);
        var answers = _answers.AsSpan(0, count);
        var pending = _pending.AsSpan(0, count);

        var result = Run(requests, batch.Rows, answers);
        if (result.Status is RunStatus.Done)
        {
            Answer(pending, answers, result, batch.Rows, closedAt);
        }
        else if (count > 1)
        {
            RunEachAlone(requests, answers, pending);
        }
        else
        {
            dispatcher.Fail(pending[0], OutcomeOf(result));
        }

        requests.Clear();
        answers.Clear();
        pending.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => instance.Dispose();

    // One request that the model refuses must not fail its neighbours: each gets one more try, by itself.
    // Until its own try begins it counts as queued.
    private void RunEachAlone(Span<InferenceRequest> requests, Span<OutputLease> answers, Span<PendingInference> pending)
    {
        for (var i = 0; i < requests.Length; i++)
        {
            var startedAt = clock.GetTimestamp();
            var result = Run(requests.Slice(i, 1), requests[i].Rows, answers.Slice(i, 1));
            if (result.Status is RunStatus.Done)
            {
                Answer(pending.Slice(i, 1), answers.Slice(i, 1), result, requests[i].Rows, startedAt);
            }
            else
            {
                dispatcher.Fail(pending[i], OutcomeOf(result));
            }
        }
    }

    private RunResult Run(ReadOnlySpan<InferenceRequest> requests, int rows, Span<OutputLease> answers)
    {
        RunResult result;
        try
        {
            result = instance.Run(requests, rows, answers);
        }
#pragma warning disable CA1031 // The edge of the worker: whatever a run throws, its requests are answered and the thread lives on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            logger.RunThrew(exception, model, rows);
            return new RunResult(RunStatus.Failed, TimeSpan.Zero, null);
        }

        if (result.Status is RunStatus.Failed)
        {
            logger.RunFailed(model, rows, result.Reason ?? "no reason given");
        }

        return result;
    }

    private void Answer(
        ReadOnlySpan<PendingInference> pending, ReadOnlySpan<OutputLease> answers, RunResult result, int rows, long closedAt)
    {
        var endedAt = clock.GetTimestamp();
        var times = TimesOf(result, clock.GetElapsedTime(closedAt, endedAt));
        var queued = TimeSpan.Zero;
        foreach (var one in pending)
        {
            queued += QueueTime(one, closedAt);
        }

        statistics.AddExecution(rows, times, clock.GetUtcNow());
        statistics.AddSuccesses(pending.Length, queued, times);
        dispatcher.AddServiceTime(rows, endedAt - closedAt);
        for (var i = 0; i < pending.Length; i++)
        {
            var phases = new PhaseTimes(QueueTime(pending[i], closedAt), times.Infer, times.Input + times.Output);
            pending[i].Complete(new InferenceOutcome.Answered(answers[i].Outputs, phases, answers[i].Release));
        }
    }

    // A request may be accepted a moment after the worker read the clock.
    private TimeSpan QueueTime(PendingInference pending, long closedAt) =>
        pending.AcceptedAt >= closedAt ? TimeSpan.Zero : clock.GetElapsedTime(pending.AcceptedAt, closedAt);

    // What an instance reports beyond the time that passed (a simulated one does) is not divided further.
    private static ExecutionTimes TimesOf(RunResult result, TimeSpan occupied)
    {
        var rest = occupied - result.Compute;
        if (rest <= TimeSpan.Zero)
        {
            return new ExecutionTimes(TimeSpan.Zero, result.Compute, TimeSpan.Zero);
        }

        var input = result.Packing < rest ? result.Packing : rest;
        return new ExecutionTimes(input, result.Compute, rest - input);
    }

    private static InferenceOutcome OutcomeOf(RunResult result) => result.Status is RunStatus.Refused
        ? new InferenceOutcome.Refused(result.Reason ?? "the model does not run on this input")
        : new InferenceOutcome.Failed();

    private int Unpack(Batch batch)
    {
        var waiting = batch.Requests;
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
