using System.Collections.Immutable;
using System.Diagnostics;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution;

/// <summary>Queues requests, closes batches and runs them, one dedicated thread for each instance of the model.</summary>
/// <remarks>
/// One lock guards the queue; nothing is run or completed under it. Workers wait on it without polling: an arrival or the
/// clock's timer wakes them. Outcomes are completed on the thread pool, never on a worker.
/// </remarks>
internal sealed class BatchingEngine : IInferenceEngine, IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly PendingPool _pending;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ShapeKeys _shapes;
    private readonly BatchQueue _queue;
    private readonly WakeTimer _timer;
    private readonly ImmutableArray<BatchWorker> _workers;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile RuntimeSettings _settings;

    // Guarded by _gate.
    private int _running;
    private bool _isStopping;

    /// <param name="signature">What the instances take and give.</param>
    /// <param name="instances">At least one; the engine disposes them.</param>
    /// <param name="settings">Valid settings to start with.</param>
    /// <param name="clock">The clock of all timestamps.</param>
    /// <param name="logger">Where runs that fail are logged.</param>
    public BatchingEngine(
        ModelSignature signature,
        ImmutableArray<IModelInstance> instances,
        RuntimeSettings settings,
        TimeProvider clock,
        ILogger logger)
    {
        Signature = signature;
        _settings = settings;
        _clock = clock;
        _logger = logger;
        _shapes = new ShapeKeys(signature);
        _queue = new BatchQueue(PolicyFor(settings), instances.Length, clock.TimestampFrequency);
        Statistics = new EngineStatistics(clock.GetTimestamp(), clock.TimestampFrequency);
        _timer = new WakeTimer(clock, _gate);
        _pending = new PendingPool(this);
        _workers = [.. instances.Select((instance, index) => new BatchWorker(this, instance, clock, logger, index))];
        foreach (var worker in _workers)
        {
            worker.Start();
        }
    }

    /// <inheritdoc/>
    public ModelSignature Signature { get; }

    /// <inheritdoc/>
    public RuntimeSettings Settings => _settings;

    /// <inheritdoc/>
    public EngineStatistics Statistics { get; }

    /// <inheritdoc/>
    public ValueTask<InferenceOutcome> InferAsync(InferenceRequest request, CancellationToken cancellationToken)
    {
        var now = _clock.GetTimestamp();
        Statistics.AddArrival(now, request.Rows);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromResult<InferenceOutcome>(new InferenceOutcome.Cancelled());
        }

        var pending = _pending.Rent();
        pending.Begin(request, _shapes.Of(request));
        var outcome = pending.Outcome;
        var refusal = Enter(pending, now, out var expired);
        AnswerExpired(expired);
        if (refusal is not null)
        {
            pending.Abandon();
            return ValueTask.FromResult(refusal);
        }

        if (cancellationToken.CanBeCanceled)
        {
            pending.WatchFor(cancellationToken);
        }

        return outcome;
    }

    /// <inheritdoc/>
    public void Apply(RuntimeSettings settings)
    {
        lock (_gate)
        {
            _settings = settings;
            _queue.Policy = PolicyFor(settings);
            Monitor.PulseAll(_gate);
        }

        _logger.SettingsApplied(
            Signature.Name, settings.Batching.MaxSize, settings.Batching.MaxDelayMs, settings.Queue.MaxRequests, settings.Queue.MaxBytes);
    }

    /// <inheritdoc/>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _queue.BeginDraining();
            CompleteDrainLocked();
            Monitor.PulseAll(_gate);
        }

        return _drained.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Stops the workers after the batches that run now; what still waits is answered as draining.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isStopping = true;
            _queue.BeginDraining();
            Monitor.PulseAll(_gate);
        }

        foreach (var worker in _workers)
        {
            await worker.Stopped.ConfigureAwait(false);
            worker.Dispose();
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
        TurnAwayWaiting();
    }

    /// <summary>Tells the scheduler how long executions take before the first real one, in timestamps; the statistics do not count them.</summary>
    public void ExpectServiceTimes(IEnumerable<(int Rows, long Duration)> runs)
    {
        lock (_gate)
        {
            foreach (var (rows, duration) in runs)
            {
                _queue.AddExecution(rows, duration);
            }
        }
    }

    /// <summary>Blocks a worker until a batch is closed for it; false when it has to end.</summary>
    internal bool WaitForBatch(Batch batch, out long closedAt)
    {
        while (true)
        {
            bool closed;
            WaitingRequest? expired;
            lock (_gate)
            {
                closed = WaitForBatchLocked(batch, out closedAt, out expired);
            }

            AnswerExpired(expired);

            if (closed)
            {
                return true;
            }

            if (expired is null)
            {
                return false;
            }
        }
    }

    /// <summary>Notes an execution of the batch; called before its requests are answered.</summary>
    internal void AddExecution(int rows, long closedAt, long endedAt)
    {
        Statistics.AddExecution(rows, _clock.GetElapsedTime(closedAt, endedAt));
        lock (_gate)
        {
            _queue.AddExecution(rows, endedAt - closedAt);
        }
    }

    /// <summary>Notes that a worker has answered its batch.</summary>
    internal void EndBatch()
    {
        lock (_gate)
        {
            _running--;
            CompleteDrainLocked();
        }
    }

    /// <summary>Takes a cancelled request out of the queue if it still waits.</summary>
    internal void Withdraw(PendingInference pending)
    {
        bool withdrawn;
        lock (_gate)
        {
            withdrawn = _queue.Withdraw(pending);
            if (withdrawn)
            {
                Statistics.SetQueue(_queue.Depth);
                CompleteDrainLocked();
            }
        }

        if (withdrawn)
        {
            pending.Complete(new InferenceOutcome.Cancelled());
        }
    }

    private InferenceOutcome? Enter(PendingInference pending, long now, out WaitingRequest? expired)
    {
        lock (_gate)
        {
            var admission = _queue.Offer(pending, now);
            expired = _queue.TakeExpired();
            switch (admission)
            {
                case Admission.AcceptedWakeWorker:
                    Statistics.SetQueue(_queue.Depth);
                    Monitor.Pulse(_gate);
                    return null;
                case Admission.Accepted:
                    Statistics.SetQueue(_queue.Depth);
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
    }

    private bool WaitForBatchLocked(Batch batch, out long closedAt, out WaitingRequest? expired)
    {
        while (true)
        {
            closedAt = _clock.GetTimestamp();
            expired = null;
            if (_isStopping)
            {
                return false;
            }

            var decision = _queue.Next(closedAt, batch);
            expired = _queue.TakeExpired();
            if (decision.Kind is BatchDecisionKind.Close)
            {
                _running++;
                Statistics.SetQueue(_queue.Depth);
                if (_queue.Depth.Requests > 0)
                {
                    // What is left may be ready for another worker.
                    Monitor.Pulse(_gate);
                }

                return true;
            }

            if (expired is not null)
            {
                Statistics.SetQueue(_queue.Depth);
                CompleteDrainLocked();
                return false;
            }

            if (decision.Kind is BatchDecisionKind.WaitUntil)
            {
                _timer.ArmLocked(decision.Until, closedAt);
            }

            Monitor.Wait(_gate);
        }
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
        while (true)
        {
            WaitingRequest? expired;
            lock (_gate)
            {
                _queue.Next(_clock.GetTimestamp(), batch);
                expired = _queue.TakeExpired();
                CompleteDrainLocked();
            }

            AnswerExpired(expired);

            if (batch.Requests.IsEmpty)
            {
                return;
            }

            foreach (var request in batch.Requests)
            {
                ((PendingInference)request).Complete(new InferenceOutcome.Draining());
            }
        }
    }

    private static void AnswerExpired(WaitingRequest? first)
    {
        for (var late = first; late is not null;)
        {
            // Completing hands the object back to its pool: read the link first.
            var next = late.NextExpired;
            ((PendingInference)late).Complete(new InferenceOutcome.Expired());
            late = next;
        }
    }

    private BatchPolicy PolicyFor(RuntimeSettings settings) =>
        BatchPolicy.From(settings, Signature.Batched, _clock.TimestampFrequency);
}
