using System.Diagnostics;
using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Execution;

/// <summary>The queue behind its lock: requests enter on one side, workers take closed batches on the other.</summary>
/// <remarks>
/// Nothing is run or completed under the lock. Workers wait on it without polling: an arrival or the clock's timer wakes
/// them. The timer also answers what expires while every worker is busy.
/// </remarks>
internal sealed class BatchDispatcher : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly TimeProvider _clock;
    private readonly EngineStatistics _statistics;
    private readonly WakeTimer _timer;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // All below are guarded by _gate.
    private readonly BatchQueue _queue;
    private int _running;
    private bool _isStopping;

    /// <param name="policy">The limits to start with.</param>
    /// <param name="slots">Workers.</param>
    /// <param name="clock">The clock of all timestamps.</param>
    /// <param name="statistics">Receives executions and the depth of the queue.</param>
    public BatchDispatcher(BatchPolicy policy, int slots, TimeProvider clock, EngineStatistics statistics)
    {
        _clock = clock;
        _statistics = statistics;
        _queue = new BatchQueue(policy, slots, clock.TimestampFrequency);
        _timer = new WakeTimer(clock, OnTimer);
    }

    /// <summary>Completes once <see cref="BeginDraining"/> was called and everything accepted has been answered.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Lets a request wait; the outcome at once when it cannot.</summary>
    public InferenceOutcome? Enter(PendingInference pending, long now)
    {
        InferenceOutcome? refusal;
        Departures departures;
        lock (_gate)
        {
            refusal = EnterLocked(pending, now);
            departures = Departures.FromLocked(_queue);
            if (!departures.IsEmpty)
            {
                _statistics.SetQueue(_queue.Depth);
            }
        }

        departures.Answer(this);
        return refusal;
    }

    /// <summary>Takes a cancelled request out of the queue if it still waits.</summary>
    public void Withdraw(PendingInference pending)
    {
        bool withdrawn;
        lock (_gate)
        {
            withdrawn = _queue.Withdraw(pending);
            if (withdrawn)
            {
                NoteDepartureLocked();
            }
        }

        if (withdrawn)
        {
            Fail(pending, new InferenceOutcome.Cancelled());
        }
    }

    /// <summary>Gives an accepted request an outcome other than an answer. Called without the lock.</summary>
    public void Fail(PendingInference pending, InferenceOutcome outcome)
    {
        _statistics.AddFailure(_clock.GetElapsedTime(pending.AcceptedAt));
        pending.Complete(outcome);
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

    /// <summary>Blocks a worker until a batch is closed for it; false when it has to end.</summary>
    public bool WaitForBatch(Batch batch, out long closedAt)
    {
        while (true)
        {
            bool closed;
            Departures departures;
            lock (_gate)
            {
                closed = WaitForBatchLocked(batch, out closedAt, out departures);
            }

            departures.Answer(this);
            if (closed || departures.IsEmpty)
            {
                return closed;
            }
        }
    }

    /// <summary>Notes how long executions took, in timestamps, for the scheduler alone.</summary>
    public void AddServiceTime(int rows, long duration)
    {
        lock (_gate)
        {
            _queue.AddExecution(rows, duration);
        }
    }

    /// <summary>Notes that a worker has answered its batch.</summary>
    public void EndBatch()
    {
        lock (_gate)
        {
            _running--;
            CompleteDrainLocked();
        }
    }

    /// <summary>Stops the timer and answers what still waits as draining. The workers have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        TurnAwayWaiting();
    }

    private InferenceOutcome? EnterLocked(PendingInference pending, long now)
    {
        var admission = _queue.Offer(pending, now);
        switch (admission)
        {
            case Admission.AcceptedWakeWorker:
            case Admission.Accepted:
                _statistics.SetQueue(_queue.Depth);
                _timer.ArmLocked(_queue.NextExpiryAt, now);
                if (admission is Admission.AcceptedWakeWorker)
                {
                    Monitor.Pulse(_gate);
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

    private bool WaitForBatchLocked(Batch batch, out long closedAt, out Departures departures)
    {
        while (true)
        {
            closedAt = _clock.GetTimestamp();
            departures = default;
            if (_isStopping)
            {
                return false;
            }

            var decision = _queue.Next(closedAt, batch);
            departures = Departures.FromLocked(_queue);
            if (decision.Kind is BatchDecisionKind.Close)
            {
                _running++;
                _statistics.SetQueue(_queue.Depth);
                if (_queue.Depth.Requests > 0)
                {
                    // What is left may be ready for another worker.
                    Monitor.Pulse(_gate);
                }

                return true;
            }

            if (!departures.IsEmpty)
            {
                NoteDepartureLocked();
                return false;
            }

            _timer.ArmLocked(Math.Min(decision.Until, _queue.NextExpiryAt), closedAt);
            Monitor.Wait(_gate);
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
            departures = Departures.FromLocked(_queue);
            if (!departures.IsEmpty)
            {
                NoteDepartureLocked();
            }

            // A worker that waits for company arms the timer for it again.
            _timer.ArmLocked(_queue.NextExpiryAt, now);
            Monitor.Pulse(_gate);
        }

        departures.Answer(this);
    }

    private void NoteDepartureLocked()
    {
        _statistics.SetQueue(_queue.Depth);
        CompleteDrainLocked();
    }

    private void CompleteDrainLocked()
    {
        if (_queue.IsDraining && _running == 0 && _queue.Depth.Requests == 0)
        {
            _drained.TrySetResult();
        }
    }

    private void TurnAwayWaiting()
    {
        var batch = new Batch();
        do
        {
            Departures departures;
            lock (_gate)
            {
                _queue.Next(_clock.GetTimestamp(), batch);
                departures = Departures.FromLocked(_queue);
                CompleteDrainLocked();
            }

            departures.Answer(this);
            foreach (var request in batch.Requests)
            {
                Fail((PendingInference)request, new InferenceOutcome.Draining());
            }
        }
        while (!batch.Requests.IsEmpty);
    }
}
