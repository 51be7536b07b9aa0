using System.Collections.Immutable;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution.Padding;
using InferenceRuntime.Execution.Sessions;
using InferenceRuntime.Execution.Variants;

namespace InferenceRuntime.Execution;

/// <summary>Queues requests, closes batches and runs them, one dedicated thread for each instance of the model.</summary>
/// <remarks>
/// Outcomes are completed on the thread pool, never on a worker. A request that comes alone is run by the thread that brings it, when
/// the run is expected to be short: docs/decisions/0050.
/// </remarks>
internal sealed class BatchingEngine : IInferenceEngine, IAsyncDisposable
{
    private readonly PendingPool _pending;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ShapeKeys _shapes;
    private readonly BatchDispatcher _dispatcher;
    private readonly ImmutableArray<BatchWorker> _workers;

    private readonly Lock _applying = new();

    private volatile RuntimeSettings _settings;
    private volatile PaddingPlan? _padding;

    /// <param name="signature">What the instances take and give.</param>
    /// <param name="instances">At least one; the engine disposes them.</param>
    /// <param name="settings">Valid settings to start with.</param>
    /// <param name="clock">The clock of all timestamps.</param>
    /// <param name="logger">Where runs that fail are logged.</param>
    /// <param name="placement">On what the instances run; null: on the processor.</param>
    public BatchingEngine(
        ModelSignature signature,
        ImmutableArray<IModelInstance> instances,
        RuntimeSettings settings,
        TimeProvider clock,
        ILogger logger,
        ModelPlacement? placement = null)
    {
        Signature = signature;
        _settings = settings;
        _padding = PaddingPlan.For(settings, signature);
        _clock = clock;
        _logger = logger;
        _shapes = new ShapeKeys(signature);
        Statistics = new EngineStatistics(clock.GetTimestamp(), clock.TimestampFrequency) { Placement = placement ?? ModelPlacement.OnCpu };
        _dispatcher = new BatchDispatcher(signature, PolicyFor(settings), instances.Length, clock, Statistics);
        _pending = new PendingPool(_dispatcher);
        _workers =
        [
            .. instances.Select((instance, index) =>
                new BatchWorker(_dispatcher, new BatchExecution(signature, new RunSlot(instance, index), _dispatcher, Statistics, clock, logger), index)),
        ];
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
            Statistics.AddFailure(TimeSpan.Zero);
            return ValueTask.FromResult<InferenceOutcome>(new InferenceOutcome.Cancelled());
        }

        return _padding is { } plan && PaddedRequest.Of(request, plan, _settings.Queue.MaxBytes) is { } padded
            ? InferPaddedAsync(padded, now, cancellationToken)
            : QueueAsync(request, now, cancellationToken);
    }

    /// <inheritdoc/>
    public InferenceOutcome.QueueFull? TurnAwayUnread()
    {
        var now = _clock.GetTimestamp();
        if (_dispatcher.RefusalAt(now, out var rows) is not { } refusal)
        {
            return null;
        }

        Statistics.AddArrival(now, rows);
        Statistics.AddFailure(TimeSpan.Zero);
        return refusal;
    }

    /// <inheritdoc/>
    public string? Objection(RuntimeSettings settings) =>
        PaddingPlan.Objection(settings, Signature) ?? VariantShares.Objection(settings, [ServingShares.Full]);

    /// <inheritdoc/>
    public void Apply(RuntimeSettings settings)
    {
        lock (_applying)
        {
            _settings = settings;
            _padding = PaddingPlan.For(settings, Signature);
            _dispatcher.SetPolicy(PolicyFor(settings));
        }

        _logger.SettingsApplied(
            Signature.Name, settings.Batching.MaxSize, settings.Batching.MaxDelayMs, settings.Queue.MaxRequests, settings.Queue.MaxBytes);
    }

    /// <inheritdoc/>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        _dispatcher.BeginDraining();
        return _dispatcher.Drained.WaitAsync(cancellationToken);
    }

    /// <summary>Stops the workers after the batches that run now; what still waits is answered as draining.</summary>
    public async ValueTask DisposeAsync()
    {
        _dispatcher.Stop();
        foreach (var worker in _workers)
        {
            await worker.Stopped.ConfigureAwait(false);
            worker.Dispose();
        }

        await _dispatcher.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Tells the scheduler how long executions take before the first real one; the statistics do not count them.</summary>
    public void ExpectServiceTimes(IEnumerable<TrialRun> runs)
    {
        foreach (var run in runs)
        {
            _dispatcher.AddServiceTime(_shapes.Of(run.Request), run.Request.Rows, run.Duration);
        }
    }

    private async ValueTask<InferenceOutcome> InferPaddedAsync(PaddedRequest padded, long startedAt, CancellationToken cancellationToken)
    {
        using (padded)
        {
            var paddedAt = _clock.GetTimestamp();
            var outcome = await QueueAsync(padded.Request, paddedAt, cancellationToken).ConfigureAwait(false);
            var cuttingAt = _clock.GetTimestamp();
            outcome = padded.Cut(outcome);
            var copied = _clock.GetElapsedTime(startedAt, paddedAt) + _clock.GetElapsedTime(cuttingAt);
            return outcome is InferenceOutcome.Answered answered
                ? answered with { Phases = answered.Phases with { Copy = answered.Phases.Copy + copied } }
                : outcome;
        }
    }

    private ValueTask<InferenceOutcome> QueueAsync(InferenceRequest request, long now, CancellationToken cancellationToken)
    {
        var pending = _pending.Rent();
        pending.Begin(request, _shapes.Of(request));
        var outcome = pending.Outcome;
        if (_dispatcher.Enter(pending, now, out var lent) is { } refusal)
        {
            pending.Abandon();
            Statistics.AddFailure(TimeSpan.Zero);
            return ValueTask.FromResult(refusal);
        }

        if (lent is not null)
        {
            _workers[lent.Index].RunBatch(now);
        }

        if (cancellationToken.CanBeCanceled && !outcome.IsCompleted)
        {
            pending.WatchFor(cancellationToken);
        }

        return outcome;
    }

    private BatchPolicy PolicyFor(RuntimeSettings settings) =>
        BatchPolicy.From(settings, Signature.Batched, _clock.TimestampFrequency);
}
