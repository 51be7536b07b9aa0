using System.Diagnostics;
using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution;

/// <summary>The queue behind its lock: requests enter on one side, workers take closed batches on the other.</summary>
/// <remarks>
/// Nothing is run or completed under the lock. Workers wait on it without polling: an arrival or the clock's timer wakes
/// them. The timer also answers what expires while every worker is busy.
/// </remarks>
internal sealed class BatchDispatcher : IAsyncDisposable
{
    /// <summary>How long a worker has nothing to do before its instance gives back the memory that runs have taken.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    /// <summary>The longest run that is expected of a thread which brings a request.</summary>
    public static readonly TimeSpan LoneRunMax = TimeSpan.FromMilliseconds(1);

    private readonly object _gate = new();
    private readonly long _idleTime;
    private readonly TimeProvider _clock;
    private readonly EngineStatistics _statistics;
    private readonly RequestOutcomes _outcomes;
    private readonly WakeTimer _timer;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // All below are guarded by _gate.
    private readonly BatchQueue _queue;
    private readonly RunningSlots _running;
    private readonly RestingSlots _resting;
    private bool _isStopping;

    /// <param name="signature">The model.</param>
    /// <param name="policy">The limits to start with.</param>
    /// <param name="slots">Workers.</param>
    /// <param name="clock">The clock of all timestamps.</param>
    /// <param name="statistics">Receives executions and the depth of the queue.</param>
    public BatchDispatcher(ModelSignature signature, BatchPolicy policy, int slots, TimeProvider clock, EngineStatistics statistics)
    {
        _clock = clock;
        _idleTime = Timestamps(IdleTime);
        _running = new RunningSlots(signature, slots);
        _resting = new RestingSlots(Timestamps(LoneRunMax));
        _statistics = statistics;
        _outcomes = new RequestOutcomes(statistics, clock);
        _queue = new BatchQueue(policy, slots, clock.TimestampFrequency);
        _timer = new WakeTimer(clock, OnTimer);
    }

    /// <summary>Completes once <see cref="BeginDraining"/> was called and everything accepted has been answered.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Lets a request wait; the outcome at once when it cannot.</summary>
    /// <param name="pending">The request.</param>
    /// <param name="now">The present timestamp.</param>
    /// <param name="lent">
    /// Not null: the request came alone, and its batch is in this slot for the caller to run and to end with <see cref="EndBatch"/>.
    /// </param>
    public InferenceOutcome? Enter(PendingInference pending, long now, out RunSlot? lent)
    {
        InferenceOutcome? refusal;
        Departures departures;
        lock (_gate)
        {
            refusal = EnterLocked(pending, now, out lent);
            departures = Departures.FromLocked(_queue, out var any);
            if (any)
            {
                _statistics.SetQueue(_queue.Depth);
            }
        }

        _outcomes.Answer(departures);
        return refusal;
    }

    /// <summary>The outcome of any request of no priority while the queue is full; null while it is not.</summary>
    /// <param name="now">The present timestamp.</param>
    /// <param name="rows">Rows that such a request is taken to have: the mean of those that wait, at least 1.</param>
    public InferenceOutcome.QueueFull? RefusalAt(long now, out int rows)
    {
        lock (_gate)
        {
            rows = 1;
            if (!_queue.IsFullAt(now))
            {
                return null;
            }

            var depth = _queue.Depth;
            rows = (int)Math.Clamp(depth.Rows / Math.Max(1, depth.Requests), 1, int.MaxValue);
            return new InferenceOutcome.QueueFull(_queue.RetryAfter());
        }
    }

    /// <summary>Takes a cancelled request out of the queue if it still waits, and ends a run in which nobody is left.</summary>
    public void Cancel(PendingInference pending)
    {
        var cancelled = new InferenceOutcome.Cancelled();
        bool isDue;
        lock (_gate)
        {
            isDue = _queue.Withdraw(pending);
            if (isDue)
            {
                NoteDepartureLocked();
                isDue = pending.Split?.FailLocked(cancelled) ?? true;
            }

            pending.IsCancelled = true;
            _running.AbortAbandoned();
        }

        if (isDue)
        {
            _outcomes.Fail(pending, cancelled);
        }
    }

    /// <inheritdoc cref="RequestOutcomes.Fail"/>
    public void Fail(PendingInference pending, InferenceOutcome outcome) => _outcomes.Fail(pending, outcome);

    /// <summary>A piece of a split request was answered.</summary>
    public void AnswerPiece(BatchPart part, OutputLease lease, long startedAt, in ExecutionTimes times)
    {
        var pending = (PendingInference)part.Request;
        var split = pending.Split!; // Set when the first piece was taken.
        lock (_gate)
        {
            if (!split.AnswerLocked(part.FirstRow, part.Rows, lease, startedAt, times))
            {
                return;
            }
        }

        _outcomes.Finish(pending, split);
    }

    /// <summary>A piece of a split request failed: what still waits of it leaves the queue.</summary>
    public void FailPiece(PendingInference pending, InferenceOutcome outcome)
    {
        var split = pending.Split!; // Set when the first piece was taken.
        lock (_gate)
        {
            if (_queue.Withdraw(pending))
            {
                NoteDepartureLocked();
            }

            if (!split.FailPieceLocked(outcome))
            {
                return;
            }
        }

        _outcomes.Finish(pending, split);
    }

    /// <summary>Puts new limits in force for the next batch.</summary>
    public void SetPolicy(BatchPolicy policy)
    {
        lock (_gate)
        {
            _queue.Policy = policy;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Takes no new work from now on.</summary>
    public void BeginDraining()
    {
        lock (_gate)
        {
            _queue.BeginDraining();
            CompleteDrainLocked();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Makes every worker end after the batch that it runs now.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopping = true;
            _queue.BeginDraining();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Blocks a worker until a batch is closed for its slot; false when it has to end.</summary>
    public bool WaitForBatch(RunSlot slot, out long closedAt)
    {
        while (true)
        {
            bool closed;
            bool isIdle;
            Departures departures;
            lock (_gate)
            {
                closed = WaitForBatchLocked(slot, out closedAt, out departures, out isIdle);
            }

            _outcomes.Answer(departures);
            if (isIdle)
            {
                slot.Instance.GiveMemoryBack();
            }
            else if (closed || departures.IsEmpty)
            {
                return closed;
            }
        }
    }

    /// <summary>Notes how long executions took, in timestamps, for the scheduler alone.</summary>
    public void AddServiceTime(ShapeKey shape, int rows, long duration)
    {
        lock (_gate)
        {
            _queue.AddExecution(shape, rows, duration);
        }
    }

    /// <summary>Notes that this many rows of a shape did not fit into memory.</summary>
    public void ShrinkRows(ShapeKey shape, int rows)
    {
        lock (_gate)
        {
            _queue.ShrinkRows(shape, rows);
        }
    }

    /// <summary>Notes that a slot's batch was answered, and empties the slot.</summary>
    /// <returns>True when what waits would leave room in the next batch.</returns>
    public bool EndBatch(RunSlot slot)
    {
        lock (_gate)
        {
            var (waiting, rows) = (_queue.Depth.Requests, _queue.Depth.Rows);
            _resting.NoteExecution(slot.Batch.Parts.Length, waiting);
            var now = _clock.GetTimestamp();
            _running.End(slot, now);
            if (slot.IsLent)
            {
                TakeBackLocked(slot, waiting, now);
            }

            CompleteDrainLocked();
            return rows < _queue.Policy.RowsMax;
        }
    }

    /// <summary>Stops the timer and answers what still waits as draining. The workers have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        TurnAwayWaiting();
    }

    private InferenceOutcome? EnterLocked(PendingInference pending, long now, out RunSlot? lent)
    {
        lent = null;
        var admission = _queue.Offer(pending, now);
        switch (admission)
        {
            case Admission.AcceptedWakeWorker:
            case Admission.Accepted:
                _statistics.SetQueue(_queue.Depth);
                _timer.ArmLocked(_queue.NextExpiryAt, now);
                if (admission is Admission.AcceptedWakeWorker)
                {
                    lent = LendLocked(pending, now);
                    if (lent is null)
                    {
                        Monitor.Pulse(_gate);
                    }
                }

                return null;
            case Admission.Full:
                return new InferenceOutcome.QueueFull(_queue.RetryAfter());
            case Admission.TooLarge:
                return new InferenceOutcome.Refused(
                    $"the tensors of the request have {pending.Bytes} bytes, the queue holds at most {_queue.Policy.BytesMax}");
            case Admission.Expired:
                return new InferenceOutcome.Expired();
            case Admission.Draining:
                return new InferenceOutcome.Draining();
            default:
                throw new UnreachableException();
        }
    }

    private bool WaitForBatchLocked(RunSlot slot, out long closedAt, out Departures departures, out bool isIdle)
    {
        while (true)
        {
            closedAt = _clock.GetTimestamp();
            departures = default;
            isIdle = false;
            if (slot.IsLent)
            {
                if (_queue.Depth.Requests > 0 && _resting.Any)
                {
                    // Woken in place of a worker that can take it.
                    Monitor.Pulse(_gate);
                }

                Monitor.Wait(_gate);
                _resting.Remove(slot);
                continue;
            }

            if (_isStopping)
            {
                return false;
            }

            var decision = _queue.Next(closedAt, slot.Batch);
            departures = Departures.FromLocked(_queue, out var any);
            if (decision.Kind is BatchDecisionKind.Close)
            {
                _running.Begin(slot);
                _statistics.SetQueue(_queue.Depth);
                if (_queue.Depth.Requests > 0)
                {
                    // What is left may be ready for another worker.
                    Monitor.Pulse(_gate);
                }

                return true;
            }

            if (any)
            {
                NoteDepartureLocked();
            }

            if (!departures.IsEmpty)
            {
                return false;
            }

            var wakeAt = Math.Min(decision.Until, _queue.NextExpiryAt);
            if (slot.HoldsMemory)
            {
                var idleAt = slot.RestingSince + _idleTime;
                isIdle = idleAt <= closedAt;
                if (isIdle)
                {
                    slot.HoldsMemory = false;
                    return false;
                }

                wakeAt = Math.Min(wakeAt, idleAt);
            }

            _timer.ArmLocked(wakeAt, closedAt);
            _resting.Add(slot);
            Monitor.Wait(_gate);
            _resting.Remove(slot);
        }
    }

    private RunSlot? LendLocked(PendingInference pending, long now)
    {
        if (_queue.Depth.Requests != 1
            || _resting.ToLend(_queue.ExpectedDuration(pending.Shape, pending.Rows)) is not { } slot
            || _queue.Next(now, slot.Batch).Kind is not BatchDecisionKind.Close)
        {
            return null;
        }

        _resting.Remove(slot);
        slot.IsLent = true;
        _running.Begin(slot);
        _statistics.SetQueue(_queue.Depth);
        return slot;
    }

    private void TakeBackLocked(RunSlot slot, int waiting, long now)
    {
        slot.IsLent = false;
        if (waiting > 0 || _isStopping)
        {
            Monitor.PulseAll(_gate);
        }
        else
        {
            // Its worker rests on, and gives the memory back in time.
            _resting.Add(slot);
            _timer.ArmLocked(slot.RestingSince + _idleTime, now);
        }
    }

    private void OnTimer()
    {
        Departures departures;
        lock (_gate)
        {
            var now = _clock.GetTimestamp();
            _timer.FiredLocked();
            _queue.Expire(now);
            departures = Departures.FromLocked(_queue, out var any);
            if (any)
            {
                NoteDepartureLocked();
            }

            // A worker that waits for company arms the timer for it again, and so do all that rest.
            _timer.ArmLocked(_queue.NextExpiryAt, now);
            if (_queue.Depth.Requests > 0)
            {
                Monitor.Pulse(_gate);
            }
            else
            {
                Monitor.PulseAll(_gate);
            }
        }

        _outcomes.Answer(departures);
    }

    private long Timestamps(TimeSpan time) => (long)(time.TotalSeconds * _clock.TimestampFrequency);

    private void NoteDepartureLocked()
    {
        _statistics.SetQueue(_queue.Depth);
        CompleteDrainLocked();
    }

    private void CompleteDrainLocked()
    {
        if (_queue.IsDraining && !_running.Any && _queue.Depth.Requests == 0)
        {
            _drained.TrySetResult();
        }
    }

    // The workers have ended: no piece runs, so what is taken out is due.
    private void TurnAwayWaiting()
    {
        var draining = new InferenceOutcome.Draining();
        while (true)
        {
            PendingInference? waiting;
            lock (_gate)
            {
                waiting = (PendingInference?)_queue.TakeOldest();
                waiting?.Split?.FailLocked(draining);
                CompleteDrainLocked();
            }

            if (waiting is null)
            {
                return;
            }

            _outcomes.Fail(waiting, draining);
        }
    }
}
