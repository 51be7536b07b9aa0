using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Queueing;

namespace InferenceOperator.Core.Planning;

/// <summary>Capacity and latency of one replica by batch limit; kept until the service time moves beyond its own uncertainty, by 2 % at least.</summary>
/// <remarks>One owner; not thread safe. Keeps at most <see cref="LimitsMax"/> batch limits.</remarks>
internal sealed class CapacityTable
{
    public const int LimitsMax = 16;

    /// <summary>Taken off every capacity.</summary>
    public const double Guard = 0.05;

    /// <summary>Move of the service time up to which a capacity is always kept, and beyond which it never is.</summary>
    private const double Moved = 0.02;
    private const double MovedMax = 0.05;

    /// <summary>Latencies that are kept, on a grid of 2 % of the rate.</summary>
    private const int LatenciesMax = 64;

    private readonly Dictionary<int, Entry> _byLimit = [];
    private readonly Dictionary<(int MaxBatch, int Rate), double?> _latencies = [];
    private ServiceTime? _service;
    private Objective? _objective;
    private double _dispersion = 1;
    private double _rowsPerRequest = 1;

    /// <summary>Sets what the table rests on.</summary>
    /// <param name="service">The service time.</param>
    /// <param name="objective">What is planned for.</param>
    /// <param name="dispersion">Of requests per 100 ms; null: not known, Poisson is taken.</param>
    /// <param name="rowsPerRequest">At least 1.</param>
    public void Rest(ServiceTime service, Objective objective, double? dispersion, double rowsPerRequest)
    {
        var rows = Math.Max(1, rowsPerRequest);
        var burst = Math.Clamp(dispersion ?? 1, 1, 32) * rows;
        _service = service;
        if (_objective is not null
            && _objective.SizesByUtilisation == objective.SizesByUtilisation
            && (!objective.HasSlo || IsNear(_objective.TargetSeconds, objective.TargetSeconds))
            && _objective.HasSlo == objective.HasSlo && _objective.Share.Equals(objective.Share)
            && (!objective.HasSlo || Math.Abs(objective.OverheadSeconds - _objective.OverheadSeconds) <= Moved * objective.TargetSeconds)
            && Math.Abs(burst - _dispersion) <= 0.25 * _dispersion
            && Math.Abs(rows - _rowsPerRequest) <= 0.1 * _rowsPerRequest)
        {
            return;
        }

        (_objective, _dispersion, _rowsPerRequest) = (objective, burst, rows);
        _byLimit.Clear();
        _latencies.Clear();
    }

    /// <summary>Rows per second that a replica carries within the objective, guard taken off; above 0.</summary>
    public double Capacity(int maxBatch) => At(maxBatch).Capacity;

    /// <summary>Latency at the objective's share when a replica gets so many rows per second, rounded up by at most 2 %, overhead included; null: it cannot keep up.</summary>
    public double? Latency(int maxBatch, double rowsPerSecond)
    {
        var entry = At(maxBatch);
        var step = (int)Math.Ceiling(Math.Log(Math.Max(rowsPerSecond, 1e-3)) / Math.Log(1 + Moved));
        if (!_latencies.TryGetValue((maxBatch, step), out var latency))
        {
            if (_latencies.Count >= LatenciesMax)
            {
                _latencies.Clear();
            }

            latency = entry.Queue.Latency(Math.Pow(1 + Moved, step))?.Quantile(_objective!.Share);
            _latencies[(maxBatch, step)] = latency;
        }

        return latency + _objective!.OverheadSeconds;
    }

    private Entry At(int maxBatch)
    {
        if (_service is null || _objective is null)
        {
            throw new InvalidOperationException("the table rests on nothing yet");
        }

        if (_byLimit.TryGetValue(maxBatch, out var known) && known.IsStillRight(_service))
        {
            return known;
        }

        if (_byLimit.Count >= LimitsMax)
        {
            _byLimit.Clear();
        }

        _latencies.Clear();
        var queue = new BatchQueue(new BatchService(maxBatch, _service.Upper, _service.RelativeNoise, _rowsPerRequest, _dispersion), _dispersion);
        var plain = Objective.Utilisation * maxBatch / _service.Upper(maxBatch);
        var held = _objective is { HasSlo: true, SizesByUtilisation: false, BudgetSeconds: > 0 } ? queue.Capacity(_objective.BudgetSeconds, _objective.Share) * (1 - Guard) : 0;
        return _byLimit[maxBatch] = new Entry(maxBatch, _service, queue, held > 0 ? held : plain);
    }

    private static bool IsNear(double a, double b) => Math.Abs(a - b) <= Moved * b;

    /// <summary>What was found for one batch limit, and the service time it was found with.</summary>
    private sealed record Entry(int MaxBatch, ServiceTime Service, BatchQueue Queue, double Capacity)
    {
        /// <summary>A fit that still wanders within two of its standard deviations says nothing new.</summary>
        public bool IsStillRight(ServiceTime now) =>
            IsKept(now, 1) && IsKept(now, MaxBatch) && IsKept(now, (MaxBatch + 1) / 2)
            && Math.Abs(now.RelativeNoise - Service.RelativeNoise) <= 0.03;

        private bool IsKept(ServiceTime now, double rows)
        {
            var before = Service.Upper(rows);
            return Math.Abs(now.Upper(rows) - before) <= Math.Clamp(2 * now.Deviation(rows), Moved * before, MovedMax * before);
        }
    }
}
