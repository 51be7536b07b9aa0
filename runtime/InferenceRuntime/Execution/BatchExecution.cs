using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Tracing;

namespace InferenceRuntime.Execution;

/// <summary>Runs batches on one instance and hands the outcomes over. Used by one thread at a time.</summary>
internal sealed class BatchExecution(
    ModelSignature signature, RunSlot slot, BatchDispatcher dispatcher, EngineStatistics statistics, TimeProvider clock, ILogger logger) : IDisposable
{
    // Scratch of the batch that runs, as long as the largest batch so far.
    private InferenceRequest[] _requests = new InferenceRequest[64];
    private OutputLease[] _answers = new OutputLease[64];

    // Of the batch that runs; null while none of its requests is recorded.
    private BatchTrace? _trace;

    /// <summary>The instance and its batch.</summary>
    public RunSlot Slot => slot;

    /// <summary>Runs the slot's batch, which closed at <paramref name="closedAt"/>, and gives each of its requests an outcome.</summary>
    public void Run(long closedAt)
    {
        var parts = slot.Batch.Parts;
        var requests = Unpack(parts, out var recorded);
        _trace = recorded is null ? null : BatchTrace.Begin(slot, recorded, signature, closedAt, clock);
        var answers = _answers.AsSpan(0, parts.Length);

        var result = Run(requests, slot.Batch.Rows, answers);
        if (result.Status is RunStatus.OutOfMemory && !slot.IsAborted)
        {
            statistics.AddOutOfMemory();
            dispatcher.ShrinkRows(parts[0].Request.Shape, slot.Batch.Rows);
            RunHalves(parts, requests, answers);
        }
        else
        {
            Settle(parts, requests, answers, result, closedAt);
        }

        _trace?.End();
        _trace = null;
        requests.Clear();
        answers.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => slot.Instance.Dispose();

    private void Settle(
        ReadOnlySpan<BatchPart> parts, Span<InferenceRequest> requests, Span<OutputLease> answers, RunResult result, long closedAt)
    {
        if (result.Status is RunStatus.Done)
        {
            Answer(parts, answers, result, closedAt);
        }
        else if (slot.IsAborted)
        {
            statistics.AddTermination();
            FailAll(parts, new InferenceOutcome.Cancelled());
        }
        else if (result.Status is RunStatus.OutOfMemory || parts.Length == 1)
        {
            FailAll(parts, OutcomeOf(result));
        }
        else
        {
            RunEachAlone(parts, requests, answers);
        }
    }

    // What did not fit into memory gets one more try with about half of the rows at a time.
    private void RunHalves(ReadOnlySpan<BatchPart> parts, Span<InferenceRequest> requests, Span<OutputLease> answers)
    {
        var startedAt = clock.GetTimestamp();
        if (parts.Length == 1)
        {
            Settle(parts, requests, answers, RunSliced(requests[0], answers), startedAt);
            return;
        }

        var middle = 0;
        for (var rows = 0; rows < slot.Batch.Rows / 2; middle++)
        {
            rows += parts[middle].Rows;
        }

        middle = Math.Min(middle, parts.Length - 1);
        var result = Run(requests[..middle], RowsOf(parts[..middle]), answers[..middle]);
        Settle(parts[..middle], requests[..middle], answers[..middle], result, startedAt);
        startedAt = clock.GetTimestamp();
        result = Run(requests[middle..], RowsOf(parts[middle..]), answers[middle..]);
        Settle(parts[middle..], requests[middle..], answers[middle..], result, startedAt);
    }

    private RunResult RunSliced(InferenceRequest request, Span<OutputLease> answers)
    {
        if (request.Rows == 1 || !signature.Batched)
        {
            return new RunResult(RunStatus.OutOfMemory, TimeSpan.Zero, null);
        }

        var slices = new RowSlices(request, signature.Inputs);
        var half = request.Rows / 2;
        var first = Run([slices.Slice(0, half)], half, answers);
        if (first.Status is not RunStatus.Done)
        {
            return first;
        }

        var firstAnswer = answers[0];
        var second = Run([slices.Slice(half, request.Rows - half)], request.Rows - half, answers);
        if (second.Status is not RunStatus.Done)
        {
            firstAnswer.Release?.Invoke();
            return second;
        }

        if (RowJoin.Concatenate([firstAnswer, answers[0]]) is not { } joined)
        {
            return new RunResult(RunStatus.Failed, TimeSpan.Zero, "the halves' outputs do not fit together");
        }

        answers[0] = joined;
        return new RunResult(RunStatus.Done, first.Compute + second.Compute, null) { Packing = first.Packing + second.Packing };
    }

    private static int RowsOf(ReadOnlySpan<BatchPart> parts)
    {
        var rows = 0;
        foreach (var part in parts)
        {
            rows += part.Rows;
        }

        return rows;
    }

    // One request that the model refuses must not fail its neighbours: each gets one more try, by itself.
    // Until its own try begins it counts as queued.
    private void RunEachAlone(ReadOnlySpan<BatchPart> parts, Span<InferenceRequest> requests, Span<OutputLease> answers)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            if (slot.IsAborted)
            {
                FailAll(parts[i..], new InferenceOutcome.Cancelled());
                return;
            }

            var startedAt = clock.GetTimestamp();
            var result = Run(requests.Slice(i, 1), parts[i].Rows, answers.Slice(i, 1));
            if (result.Status is RunStatus.Done)
            {
                Answer(parts.Slice(i, 1), answers.Slice(i, 1), result, startedAt);
            }
            else
            {
                Fail(parts[i], OutcomeOf(result));
            }
        }
    }

    private RunResult Run(ReadOnlySpan<InferenceRequest> requests, int rows, Span<OutputLease> answers)
    {
        if (_trace is not { } trace)
        {
            return RunInstance(requests, rows, answers);
        }

        var startedAt = clock.GetTimestamp();
        var result = RunInstance(requests, rows, answers);
        trace.AddRun(startedAt, rows, result);
        return result;
    }

    private RunResult RunInstance(ReadOnlySpan<InferenceRequest> requests, int rows, Span<OutputLease> answers)
    {
        RunResult result;
        try
        {
            result = slot.Instance.Run(requests, rows, answers);
        }
#pragma warning disable CA1031 // The edge of the worker: whatever a run throws, its requests are answered and the thread lives on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (exception is OutOfMemoryException)
            {
                return new RunResult(RunStatus.OutOfMemory, TimeSpan.Zero, exception.Message);
            }

            logger.RunThrew(exception, signature.Name, rows);
            return new RunResult(RunStatus.Failed, TimeSpan.Zero, null);
        }

        if (result.Status is RunStatus.Failed or RunStatus.OutOfMemory)
        {
            logger.RunFailed(signature.Name, rows, result.Reason ?? "no reason given");
        }

        return result;
    }

    private void Answer(ReadOnlySpan<BatchPart> parts, ReadOnlySpan<OutputLease> answers, RunResult result, long closedAt)
    {
        var rows = RowsOf(parts);
        var endedAt = clock.GetTimestamp();
        var times = TimesOf(result, clock.GetElapsedTime(closedAt, endedAt));
        var queued = TimeSpan.Zero;
        var whole = 0;
        foreach (var part in parts)
        {
            if (part.IsWhole)
            {
                queued += QueueTime(part.Request, closedAt);
                whole++;
            }
        }

        statistics.AddExecution(rows, times, clock.GetUtcNow());
        statistics.AddSuccesses(whole, queued, times);
        dispatcher.AddServiceTime(parts[0].Request.Shape, rows, endedAt - closedAt);
        for (var i = 0; i < parts.Length; i++)
        {
            _trace?.Note(parts[i]);
            if (!parts[i].IsWhole)
            {
                dispatcher.AnswerPiece(parts[i], answers[i], closedAt, times);
                continue;
            }

            var phases = new PhaseTimes(QueueTime(parts[i].Request, closedAt), times.Infer, times.Input + times.Output);
            ((PendingInference)parts[i].Request).Complete(new InferenceOutcome.Answered(answers[i].Outputs, phases, answers[i].Release));
        }
    }

    private void FailAll(ReadOnlySpan<BatchPart> parts, InferenceOutcome outcome)
    {
        foreach (var part in parts)
        {
            Fail(part, outcome);
        }
    }

    private void Fail(BatchPart part, InferenceOutcome outcome)
    {
        _trace?.Note(part);
        var pending = (PendingInference)part.Request;
        if (part.IsWhole)
        {
            dispatcher.Fail(pending, outcome);
        }
        else
        {
            dispatcher.FailPiece(pending, outcome);
        }
    }

    // A request may be accepted a moment after the worker read the clock.
    private TimeSpan QueueTime(WaitingRequest request, long closedAt) =>
        request.AcceptedAt >= closedAt ? TimeSpan.Zero : clock.GetElapsedTime(request.AcceptedAt, closedAt);

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

    private Span<InferenceRequest> Unpack(ReadOnlySpan<BatchPart> parts, out SampledRequest? recorded)
    {
        recorded = null;
        if (parts.Length > _requests.Length)
        {
            var length = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)parts.Length);
            Array.Resize(ref _requests, length);
            Array.Resize(ref _answers, length);
        }

        for (var i = 0; i < parts.Length; i++)
        {
            var pending = (PendingInference)parts[i].Request;
            recorded ??= pending.Request.Trace as SampledRequest;
            _requests[i] = parts[i].IsWhole
                ? pending.Request
                : pending.Split!.Slices.Slice(parts[i].FirstRow, parts[i].Rows); // Set when the piece was taken.
        }

        return _requests.AsSpan(0, parts.Length);
    }
}
