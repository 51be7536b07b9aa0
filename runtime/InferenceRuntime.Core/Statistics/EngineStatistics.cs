using System.Collections.Immutable;
using System.Runtime.InteropServices;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Core.Statistics;

/// <summary>The running sums of one engine. Thread safe; adding allocates nothing.</summary>
/// <param name="startedAt">Timestamp from which windows are counted.</param>
/// <param name="timestampFrequency">Timestamps per second of the clock that all timestamps come from.</param>
/// <param name="variants">
/// By name, the statistics of engines that share this one's requests: what they execute and have waiting is added when it is read.
/// </param>
public sealed class EngineStatistics(
    long startedAt, long timestampFrequency, IReadOnlyList<KeyValuePair<string, EngineStatistics>> variants)
{
    /// <summary>Windows in which arrivals are counted, per second.</summary>
    public const int WindowsPerSecond = 10;

    private static readonly double[] RowBounds = [.. MetricBuckets.Rows];

    private readonly Lock _gate = new();

    // All below are guarded by _gate.
    private readonly long[] _rowsPerExecution = new long[RowBounds.Length + 1];
    private readonly BatchSizeTable _sizes = new();
    private ExecutionSums _executions;
    private PhaseSums _phases;
    private QueueDepth _queue;
    private long _openWindow;
    private long _openRequests;
    private long _closedRequests;
    private double _closedRequestsSquared;
    private long _arrivedRows;
    private long _terminations;
    private long _outOfMemory;
    private DurationSum _failures;
    private DurationSum _queued;
    private DurationSum _input;
    private DurationSum _infer;
    private DurationSum _output;
    private DateTimeOffset _lastInferenceAt = DateTimeOffset.UnixEpoch;

    /// <summary>The statistics of an engine that runs all its requests itself.</summary>
    /// <inheritdoc cref="EngineStatistics(long, long, IReadOnlyList{KeyValuePair{string, EngineStatistics}})"/>
    public EngineStatistics(long startedAt, long timestampFrequency)
        : this(startedAt, timestampFrequency, [])
    {
    }

    /// <summary>On what the model runs.</summary>
    public ModelPlacement Placement { get; init; } = ModelPlacement.OnCpu;

    /// <summary>Counts a request that reached the engine, whatever becomes of it.</summary>
    public void AddArrival(long now, int rows)
    {
        lock (_gate)
        {
            CloseWindowsLocked(now);
            _openRequests++;
            _arrivedRows += rows;
        }
    }

    /// <summary>Counts one execution.</summary>
    /// <param name="rows">Rows of the requests in it, at least 1.</param>
    /// <param name="times">How long it occupied its slot.</param>
    /// <param name="endedAt">When it ended.</param>
    public void AddExecution(int rows, in ExecutionTimes times, DateTimeOffset endedAt)
    {
        var bucket = 0;
        while (bucket < RowBounds.Length && rows > RowBounds[bucket])
        {
            bucket++;
        }

        lock (_gate)
        {
            _executions = _executions.Plus(rows, times.Occupied.TotalSeconds);
            _rowsPerExecution[bucket]++;
            _sizes.Add(rows, times);
            _lastInferenceAt = endedAt;
        }
    }

    /// <summary>Counts requests that were answered from one execution.</summary>
    /// <param name="requests">How many, at least 1.</param>
    /// <param name="queued">How long they waited, all together.</param>
    /// <param name="times">The execution's, which each of them shared.</param>
    public void AddSuccesses(int requests, TimeSpan queued, in ExecutionTimes times)
    {
        lock (_gate)
        {
            _queued = new DurationSum(_queued.Count + requests, _queued.Total + queued);
            _input = _input.Plus(requests, times.Input);
            _infer = _infer.Plus(requests, times.Infer);
            _output = _output.Plus(requests, times.Output);
        }
    }

    /// <summary>Counts a request that reached the engine and was not answered.</summary>
    /// <param name="lasted">From acceptance to its outcome; zero when it was turned away.</param>
    public void AddFailure(TimeSpan lasted)
    {
        lock (_gate)
        {
            _failures = _failures.Plus(1, lasted);
        }
    }

    /// <summary>Counts a run that was ended early because nobody waited for it.</summary>
    public void AddTermination()
    {
        lock (_gate)
        {
            _terminations++;
        }
    }

    /// <summary>Counts a run that did not fit into memory.</summary>
    public void AddOutOfMemory()
    {
        lock (_gate)
        {
            _outOfMemory++;
        }
    }

    /// <summary>Adds the phases of one answered request; called once its reply has been sent.</summary>
    /// <param name="engine">What the engine reported with the answer.</param>
    /// <param name="transfer">Reading the body and writing the reply; with the engine's copies this is communication.</param>
    /// <param name="overhead">The rest of the request's latency.</param>
    public void AddAnswered(PhaseTimes engine, TimeSpan transfer, TimeSpan overhead)
    {
        lock (_gate)
        {
            _phases = new PhaseSums(
                _phases.Requests + 1,
                _phases.Queue + engine.Queue.TotalSeconds,
                _phases.Compute + engine.Compute.TotalSeconds,
                _phases.Communication + engine.Copy.TotalSeconds + transfer.TotalSeconds,
                _phases.Overhead + overhead.TotalSeconds);
        }
    }

    /// <summary>Notes what waits in the queue; called by the queue's owner after each change.</summary>
    public void SetQueue(QueueDepth depth)
    {
        lock (_gate)
        {
            _queue = depth;
        }
    }

    /// <summary>Everything as it stands at <paramref name="now"/>; windows that have ended by then are closed.</summary>
    public EngineSnapshot Snapshot(long now)
    {
        var snapshot = OwnSnapshot(now);
        if (variants.Count == 0)
        {
            return snapshot;
        }

        var counts = ImmutableArray.CreateBuilder<VariantCount>(variants.Count);
        foreach (var (name, statistics) in variants)
        {
            var part = statistics.OwnSnapshot(now);
            counts.Add(new VariantCount(name, statistics.ArrivedRequests, part.Executions) { Placement = part.Placement });
            snapshot = snapshot.With(part);
        }

        return snapshot with { Variants = counts.MoveToImmutable() };
    }

    private long ArrivedRequests
    {
        get
        {
            lock (_gate)
            {
                return _closedRequests + _openRequests;
            }
        }
    }

    private EngineSnapshot OwnSnapshot(long now)
    {
        lock (_gate)
        {
            CloseWindowsLocked(now);
            return new EngineSnapshot(
                _executions,
                ImmutableCollectionsMarshal.AsImmutableArray(_rowsPerExecution.ToArray()),
                new ArrivalSums(_openWindow, _closedRequests, _closedRequestsSquared, _arrivedRows),
                _phases,
                _queue)
            {
                Terminations = _terminations,
                OutOfMemory = _outOfMemory,
                Placement = Placement,
            };
        }
    }

    /// <summary>The model's part as the protocol's statistics extension tells it.</summary>
    public ModelStatistics ReadModel() =>
        variants.Aggregate(OwnModel(), static (all, variant) => all.Plus(variant.Value.OwnModel()));

    private ModelStatistics OwnModel()
    {
        lock (_gate)
        {
            return new ModelStatistics(
                new DurationSum(_queued.Count, _queued.Total + _input.Total + _infer.Total + _output.Total),
                _failures,
                _queued,
                _input,
                _infer,
                _output,
                (long)_executions.Rows,
                _executions.Count,
                _lastInferenceAt,
                _sizes.Read());
        }
    }

    // Threads read the clock before they come here, so now may lie a little before the open window: it counts there.
    private void CloseWindowsLocked(long now)
    {
        var window = (long)((Int128)(now - startedAt) * WindowsPerSecond / timestampFrequency);
        if (window <= _openWindow)
        {
            return;
        }

        _closedRequests += _openRequests;
        _closedRequestsSquared += (double)_openRequests * _openRequests;
        _openRequests = 0;
        _openWindow = window;
    }
}
