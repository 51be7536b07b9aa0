using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Simulation.Measuring;

namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>One replica: a queue, one execution at a time, and the counts that the runtime would export.</summary>
internal sealed class ReplicaServer(int number, double createdAt)
{
    /// <summary>Finite upper bounds of the runtime's latency histogram, seconds.</summary>
    public static readonly ImmutableArray<double> LatencyBounds =
    [
        0.0001, 0.0002, 0.0003, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075,
        0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 30,
    ];

    /// <summary>Finite upper bounds of its histogram of rows per execution.</summary>
    public static readonly ImmutableArray<double> RowBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

    private const double ArrivalWindow = 0.1;

    private static readonly byte[] LatencyBucketOf = [.. Enumerable.Range(0, LatencyBuckets.Count).Select(static i => (byte)Bucket(LatencyBounds, LatencyBuckets.Lower(i + 1) * (1 - 1e-9)))];

    private readonly long[] _latencyCounts = new long[LatencyBounds.Length + 1];
    private readonly long[] _rowCounts = new long[RowBounds.Length + 1];
    private RequestRing _ring = new();
    private double _startedAt;
    private double _endsAt;
    private double _heldSince = createdAt;
    private double _heldSeconds;
    private double _latencySum;
    private long _arrived;
    private long _answered;
    private long _refused;
    private long _met;
    private ExecutionSums _executions;
    private ExecutionSums _burstExecutions;
    private PhaseSums _phases;
    private double _windowEnd = createdAt + ArrivalWindow;
    private double _inWindow;
    private double _windows;
    private double _windowRequests;
    private double _windowSquares;
    private bool _isBurst;

    public int Number { get; } = number;

    public string Name { get; } = $"replica-{number}";

    /// <summary>When it was asked for.</summary>
    public double CreatedAt { get; } = createdAt;

    /// <summary>When the process began that runs now or is starting.</summary>
    public double ProcessStartedAt { get; private set; } = createdAt;

    public ReplicaPhase Phase { get; set; } = ReplicaPhase.Unschedulable;

    /// <summary>When it came to its phase; a starting one: when its process began.</summary>
    public double Since { get; set; } = createdAt;

    /// <summary>When a starting one becomes ready.</summary>
    public double ReadyAt { get; set; } = double.PositiveInfinity;

    /// <summary>When a ready one crashes.</summary>
    public double CrashesAt { get; set; } = double.PositiveInfinity;

    /// <summary>Starts of a process so far.</summary>
    public int Starts { get; set; }

    /// <summary>Place among those that get requests; −1: it gets none.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Counts up with every change that makes set events void.</summary>
    public int Epoch { get; private set; }

    public int Running { get; private set; }

    public int Held => _ring.Count;

    public int Waiting => _ring.Count - Running;

    public double Oldest => _ring.Oldest;

    /// <summary>Time at which a wait for company ends; NaN: it does not wait.</summary>
    public double WaitsUntil { get; set; } = double.NaN;

    public IBatchRule? BatchRule { get; set; }

    /// <summary>Gathers the share of executions that the faster variant is due.</summary>
    public double BurstCredit { get; set; }

    public void Arrive(double at)
    {
        Hold(at);
        CountArrival(at);
        _ring.Add(at);
    }

    public void Refuse(double at)
    {
        CountArrival(at);
        _refused++;
    }

    /// <summary>Drops the oldest request.</summary>
    public void Expire(double at)
    {
        Hold(at);
        _ring.Take();
        _refused++;
    }

    /// <summary>Begins an execution of the oldest requests.</summary>
    public void Start(int rows, double at, double seconds, bool isBurst)
    {
        Running = rows;
        _startedAt = at;
        _endsAt = at + seconds;
        _isBurst = isBurst;
        WaitsUntil = double.NaN;
        Epoch++;
    }

    /// <summary>Ends the execution; every latency goes to the histogram.</summary>
    /// <returns>Requests that were within the target, and whether the faster variant ran.</returns>
    public (int Met, bool IsBurst) Complete(LatencyHistogram histogram, double overhead, double target)
    {
        var at = _endsAt;
        Hold(at);
        var (rows, met, waited, sum) = (Running, 0, 0.0, 0.0);
        for (var i = 0; i < rows; i++)
        {
            var arrival = _ring.Take();
            var latency = at - arrival + overhead;
            histogram.Add(latency);
            _latencyCounts[LatencyBucketOf[LatencyBuckets.IndexOf(latency)]]++;
            met += latency <= target ? 1 : 0;
            waited += _startedAt - arrival;
            sum += latency;
        }

        var seconds = at - _startedAt;
        var execution = new ExecutionSums(1, rows, (double)rows * rows, seconds, rows * seconds, seconds * seconds);
        _executions += execution;
        _burstExecutions += _isBurst ? execution : default;
        _phases += new PhaseSums(waited, rows * seconds, rows * overhead / 2, rows * overhead / 2);
        _rowCounts[Bucket(RowBounds, rows)]++;
        _latencySum += sum;
        _answered += rows;
        _met += met;
        Running = 0;
        Epoch++;
        BatchRule?.Completed(rows, seconds);
        return (met, _isBurst);
    }

    /// <summary>The process ends; what it held is lost and its counts begin anew.</summary>
    /// <returns>Requests lost.</returns>
    public int Crash(double at)
    {
        var lost = _ring.Count;
        _ring.Clear();
        Array.Clear(_latencyCounts);
        Array.Clear(_rowCounts);
        (Running, _arrived, _answered, _refused, _met) = (0, 0, 0, 0, 0);
        (_latencySum, _heldSeconds, _heldSince, ProcessStartedAt) = (0, 0, at, at);
        (_executions, _burstExecutions, _phases) = (default, default, default);
        (_windowEnd, _inWindow, _windows, _windowRequests, _windowSquares) = (at + ArrivalWindow, 0, 0, 0, 0);
        WaitsUntil = double.NaN;
        Epoch++;
        return lost;
    }

    /// <summary>Its process begins: a replica that waited for a place starts counting only now.</summary>
    public void Begin(double at)
    {
        ProcessStartedAt = at;
        _windowEnd = at + ArrivalWindow;
    }

    /// <summary>What it would export now, but for the histograms.</summary>
    public ReplicaTotals Totals(double at, int maxBatch, double maxDelay)
    {
        CloseWindows(at);
        Hold(at);
        return new()
        {
            Arrived = _arrived,
            Answered = _answered,
            Refused = _refused,
            Met = _met,
            Executions = _executions,
            BurstExecutions = _burstExecutions,
            Phases = _phases,
            Arrivals = new(_windows, _windowRequests, _windowSquares, _windowRequests + _inWindow),
            LatencySum = _latencySum,
            HeldSeconds = _heldSeconds,
            Waiting = Waiting,
            Held = Held,
            BusySeconds = _executions.Seconds + (Running > 0 ? at - _startedAt : 0),
            MaxBatch = maxBatch,
            MaxDelaySeconds = maxDelay,
        };
    }

    /// <summary>Requests that it has held for longer.</summary>
    public int HeldLongerThan(double seconds, double at) => _ring.Before(at - seconds);

    public HistogramCounts Latencies() => Histogram(LatencyBounds, _latencyCounts, _latencySum);

    public HistogramCounts Rows() => Histogram(RowBounds, _rowCounts, _executions.Rows);

    private void Hold(double at)
    {
        _heldSeconds += _ring.Count * (at - _heldSince);
        _heldSince = at;
    }

    private void CountArrival(double at)
    {
        if (at >= _windowEnd)
        {
            CloseWindows(at);
        }

        _arrived++;
        _inWindow++;
    }

    private void CloseWindows(double at)
    {
        if (at < _windowEnd)
        {
            return;
        }

        _windowRequests += _inWindow;
        _windowSquares += _inWindow * _inWindow;
        _inWindow = 0;
        var closed = Math.Floor((at - _windowEnd) / ArrivalWindow) + 1;
        _windows += closed;
        _windowEnd += closed * ArrivalWindow;
    }

    private static int Bucket(ImmutableArray<double> bounds, double value)
    {
        var i = 0;
        while (i < bounds.Length && value > bounds[i])
        {
            i++;
        }

        return i;
    }

    private static HistogramCounts Histogram(ImmutableArray<double> bounds, long[] counts, double sum)
    {
        long running = 0;
        var cumulative = ImmutableArray.CreateBuilder<double>(bounds.Length);
        for (var i = 0; i < bounds.Length; i++)
        {
            cumulative.Add(running += counts[i]);
        }

        return new HistogramCounts(bounds, cumulative.MoveToImmutable(), running + counts[bounds.Length], sum);
    }
}
