using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using InferenceRuntime.Contract;

namespace InferenceRuntime.Observability;

/// <summary>Counts requests where they are answered. Thread safe; counting allocates nothing.</summary>
/// <remarks>
/// One cell a processor, each under its own lock that hardly ever waits, so that a request's outcome and its bucket are
/// always seen together.
/// </remarks>
internal sealed class RequestMetrics
{
    /// <summary>SLOs whose counters are kept; when more have been in force, the one set longest ago goes.</summary>
    public const int SloSeriesMax = 8;

    private static readonly double[] Bounds = [.. MetricBuckets.Seconds];
    private static readonly long[] BoundTicks = [.. MetricBuckets.Seconds.Select(static s => TimeSpan.FromSeconds(s).Ticks)];

    private readonly Cell[] _cells;
    private readonly Lock _sloGate = new();
    private ImmutableArray<SloSeries> _sloSeries = [];
    private SloSeries? _slo;
    private SloSettings? _sloSettings;
    private long _inFlight;

    // Written under _sloGate.
    private volatile FrozenDictionary<string, RequestMetrics> _models = FrozenDictionary<string, RequestMetrics>.Empty;

    public RequestMetrics(SloSettings? slo)
    {
        _cells = new Cell[Environment.ProcessorCount];
        for (var i = 0; i < _cells.Length; i++)
        {
            _cells[i] = new Cell();
        }

        SetSlo(slo);
    }

    /// <summary>Requests received and not yet answered.</summary>
    public long InFlight => Interlocked.Read(ref _inFlight);

    /// <summary>A request was received.</summary>
    public void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>The request got its answer, or never will.</summary>
    /// <param name="outcome">What became of it.</param>
    /// <param name="latency">From its head read to its reply handed to the socket.</param>
    /// <param name="model">Whose it was; empty where that is not known.</param>
    public void End(RequestOutcome outcome, TimeSpan latency, string model = "")
    {
        (_models.GetValueOrDefault(model) ?? this).Count(outcome, latency);
        Interlocked.Decrement(ref _inFlight);
    }

    /// <summary>Counts the requests of a model by themselves from here on, and no longer here.</summary>
    /// <returns>Its counts; those in flight are counted here.</returns>
    public RequestMetrics CountApart(string model)
    {
        lock (_sloGate)
        {
            if (!_models.TryGetValue(model, out var metrics))
            {
                metrics = new RequestMetrics(_sloSettings);
                _models = _models.Append(new(model, metrics)).ToFrozenDictionary(StringComparer.Ordinal);
            }

            return metrics;
        }
    }

    private void Count(RequestOutcome outcome, TimeSpan latency)
    {
        var cell = _cells[Thread.GetCurrentProcessorId() % _cells.Length];
        lock (cell.Gate)
        {
            cell.Outcomes[(int)outcome]++;
            if (outcome == RequestOutcome.Answered)
            {
                cell.LatencyCounts[BucketOf(latency.Ticks)]++;
                cell.LatencyTicks += latency.Ticks;
            }
        }

        Volatile.Read(ref _slo)?.Count(outcome, latency);
    }

    /// <summary>Puts an SLO in force; one that was in force before goes on counting where it stopped.</summary>
    public void SetSlo(SloSettings? slo)
    {
        lock (_sloGate)
        {
            _sloSettings = slo;
            foreach (var model in _models.Values)
            {
                model.SetSlo(slo);
            }

            if (slo is null)
            {
                Volatile.Write(ref _slo, null);
                return;
            }

            var seconds = slo.TargetMs / 1000;
            var series = _sloSeries.FirstOrDefault(s => s.Seconds.Equals(seconds)) ?? new SloSeries(seconds);
            var others = _sloSeries.Remove(series);
            _sloSeries = [.. others.Skip(Math.Max(0, others.Length - SloSeriesMax + 1)), series];
            Volatile.Write(ref _slo, series);
        }
    }

    public RequestSnapshot Snapshot()
    {
        var outcomes = new long[RequestOutcomes.All.Count];
        var counts = new long[Bounds.Length + 1];
        var ticks = 0L;
        foreach (var cell in _cells)
        {
            lock (cell.Gate)
            {
                Add(outcomes, cell.Outcomes);
                Add(counts, cell.LatencyCounts);
                ticks += cell.LatencyTicks;
            }
        }

        ImmutableArray<SloCount> slo;
        lock (_sloGate)
        {
            slo = [.. _sloSeries.Select(static s => s.Read())];
        }

        return new RequestSnapshot(
            ImmutableCollectionsMarshal.AsImmutableArray(outcomes),
            ImmutableCollectionsMarshal.AsImmutableArray(counts),
            TimeSpan.FromTicks(ticks),
            slo,
            InFlight);
    }

    private static void Add(long[] sums, long[] more)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            sums[i] += more[i];
        }
    }

    /// <summary>The first bucket whose bound is not below the latency.</summary>
    private static int BucketOf(long ticks)
    {
        var found = BoundTicks.AsSpan().BinarySearch(ticks);
        return found >= 0 ? found : ~found;
    }

    private sealed class Cell
    {
        public Lock Gate { get; } = new();

        public long[] Outcomes { get; } = new long[RequestOutcomes.All.Count];

        public long[] LatencyCounts { get; } = new long[Bounds.Length + 1];

        public long LatencyTicks { get; set; }
    }
}
