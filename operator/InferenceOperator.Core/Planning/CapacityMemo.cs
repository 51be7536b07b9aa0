using InferenceOperator.Core.Queueing;

namespace InferenceOperator.Core.Planning;

/// <summary>Capacities and latencies that were found before, by all that they depend on: it saves time and changes no result.</summary>
/// <remarks>One owner; not thread safe. What an owner no longer asks for it forgets with <see cref="KeepOnly"/>; beyond <see cref="EntriesMax"/> all go.</remarks>
internal sealed class CapacityMemo
{
    public const int EntriesMax = 256;

    /// <summary>Taken off every capacity.</summary>
    public const double Guard = 0.05;

    /// <summary>Latencies that are kept of each entry.</summary>
    private const int LatenciesMax = 64;

    private readonly Dictionary<Key, Entry> _entries = [];

    /// <summary>Rows per second that a replica carries within the objective, guard taken off; above 0.</summary>
    public double Capacity(Objective objective, double dispersion, double rowsPerRequest, CapacityAnchor at) =>
        At(new(objective, dispersion, rowsPerRequest, at)).Capacity;

    /// <summary>Latency at the objective's share, overhead not included; null: it cannot keep up.</summary>
    public double? Latency(Objective objective, double dispersion, double rowsPerRequest, CapacityAnchor at, double rowsPerSecond)
    {
        var entry = At(new(objective, dispersion, rowsPerRequest, at));
        if (!entry.Latencies.TryGetValue(rowsPerSecond, out var latency))
        {
            if (entry.Latencies.Count >= LatenciesMax)
            {
                entry.Latencies.Clear();
            }

            latency = entry.Queue.Latency(rowsPerSecond)?.Quantile(objective.Share);
            entry.Latencies[rowsPerSecond] = latency;
        }

        return latency;
    }

    /// <summary>Forgets all but what these are found with.</summary>
    public void KeepOnly(IReadOnlyCollection<CapacityAnchors> anchors)
    {
        foreach (var key in _entries.Keys.Where(k => !anchors.Any(k.IsOf)).ToList())
        {
            _entries.Remove(key);
        }
    }

    private Entry At(Key key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            if (_entries.Count >= EntriesMax)
            {
                _entries.Clear();
            }

            entry = Find(key);
            _entries.Add(key, entry);
        }

        return entry;
    }

    private static Entry Find(Key key)
    {
        var (objective, service, maxBatch) = (key.Objective, key.Anchor.Service, key.Anchor.MaxBatch);
        var queue = new BatchQueue(new BatchService(maxBatch, service.Upper, service.RelativeNoise, key.RowsPerRequest, key.Dispersion), key.Dispersion);
        var plain = Objective.Utilisation * maxBatch / service.Upper(maxBatch);
        var held = objective is { HasSlo: true, SizesByUtilisation: false, BudgetSeconds: > 0 } ? queue.Capacity(objective.BudgetSeconds, objective.Share) * (1 - Guard) : 0;
        return new(queue, held > 0 ? held : plain);
    }

    private sealed record Key(Objective Objective, double Dispersion, double RowsPerRequest, CapacityAnchor Anchor)
    {
        public bool IsOf(CapacityAnchors anchors) =>
            Objective == anchors.Objective && Dispersion.Equals(anchors.Dispersion) && RowsPerRequest.Equals(anchors.RowsPerRequest) && anchors.Limits.Contains(Anchor);
    }

    private sealed record Entry(BatchQueue Queue, double Capacity)
    {
        public Dictionary<double, double?> Latencies { get; } = [];
    }
}
