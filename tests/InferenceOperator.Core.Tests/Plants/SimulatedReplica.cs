using System.Collections.Immutable;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Tests.Plants;

/// <summary>One replica of the plant: a greedy batch server that counts as the runtime does. Times are seconds since the plant's start.</summary>
internal sealed class SimulatedReplica(string name, double createdAt, double readyAt, DateTimeOffset origin)
{
    private static readonly ImmutableArray<double> LatencyBounds =
    [
        0.0001, 0.0002, 0.0003, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075,
        0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 30,
    ];

    private static readonly ImmutableArray<double> RowBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

    private readonly Queue<double> _queue = new();
    private readonly List<double> _batch = [];
    private readonly double[] _latencyCounts = new double[27];
    private readonly double[] _rowCounts = new double[12];
    private double _startedAt;
    private double _freeAt;
    private double _latencySum;
    private double _answered;
    private double _sloMet;
    private PhaseSums _phases;
    private ExecutionSums _executions;
    private ArrivalSums _arrivals;
    private long _window = (long)(createdAt * 10);
    private double _inWindow;

    public string Name => name;

    public double CreatedAt => createdAt;

    public double ReadyAt => readyAt;

    public int MaxBatch { get; set; } = 1;

    public int Outstanding => _queue.Count + _batch.Count;

    public double Answered => _answered;

    public double SloMet => _sloMet;

    public void Arrive(double at, Func<int, double, double> service, double sloSeconds)
    {
        Advance(at, service, sloSeconds);
        _inWindow++;
        _arrivals = _arrivals with { Rows = _arrivals.Rows + 1 };
        _queue.Enqueue(at);
        if (_batch.Count == 0)
        {
            Start(at, service);
        }
    }

    public void Advance(double to, Func<int, double, double> service, double sloSeconds)
    {
        while (_batch.Count > 0 && _freeAt <= to)
        {
            Complete(sloSeconds);
            if (_queue.Count > 0)
            {
                Start(_freeAt, service);
            }
        }

        for (var window = (long)(to * 10); _window < window; _window++)
        {
            _arrivals = new(_arrivals.Windows + 1, _arrivals.Requests + _inWindow, _arrivals.RequestsSquared + (_inWindow * _inWindow), _arrivals.Rows);
            _inWindow = 0;
        }
    }

    public RuntimeCounters Counters(double sloSeconds) => new()
    {
        ProcessStartedAt = origin + TimeSpan.FromSeconds(createdAt),
        Ready = true,
        StartUpSeconds = readyAt - createdAt,
        Answered = _answered,
        SloSeconds = sloSeconds,
        SloRequests = _answered,
        SloMet = _sloMet,
        Latency = Histogram(LatencyBounds, _latencyCounts, _latencySum),
        BatchRows = Histogram(RowBounds, _rowCounts, _executions.Rows),
        Phases = _phases,
        Executions = _executions,
        Arrivals = _arrivals,
        QueueRequests = _queue.Count,
        QueueRows = _queue.Count,
        InFlight = Outstanding,
        BatchSizeMax = MaxBatch,
    };

    private void Start(double at, Func<int, double, double> service)
    {
        while (_queue.Count > 0 && _batch.Count < MaxBatch)
        {
            _batch.Add(_queue.Dequeue());
        }

        _startedAt = at;
        _freeAt = at + service(_batch.Count, at);
    }

    private void Complete(double sloSeconds)
    {
        var (b, s) = (_batch.Count, _freeAt - _startedAt);
        _executions += new ExecutionSums(1, b, (double)b * b, s, b * s, s * s);
        _rowCounts[Bucket(RowBounds, b)]++;
        foreach (var arrival in _batch)
        {
            var latency = _freeAt - arrival;
            _latencyCounts[Bucket(LatencyBounds, latency)]++;
            _latencySum += latency;
            _answered++;
            _sloMet += latency <= sloSeconds ? 1 : 0;
            _phases += new PhaseSums(_startedAt - arrival, s, 0.0002, 0.0003);
        }

        _batch.Clear();
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

    private static HistogramCounts Histogram(ImmutableArray<double> bounds, double[] counts, double sum)
    {
        var running = 0.0;
        var cumulative = ImmutableArray.CreateBuilder<double>(bounds.Length);
        for (var i = 0; i < bounds.Length; i++)
        {
            cumulative.Add(running += counts[i]);
        }

        return new HistogramCounts(bounds, cumulative.ToImmutable(), running + counts[bounds.Length], sum);
    }
}
