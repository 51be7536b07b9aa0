namespace InferenceOperator.Core.Observation;

/// <summary>What all replicas together did over the last 5, 15 and 60 s; rates in units per second.</summary>
public sealed record TrafficWindow
{
    public required WindowRates Short { get; init; }

    public required WindowRates Medium { get; init; }

    public required WindowRates Long { get; init; }

    /// <summary>Answered requests' latency over the medium window, seconds; null without an answer.</summary>
    public double? P50Seconds { get; init; }

    /// <inheritdoc cref="P50Seconds"/>
    public double? P99Seconds { get; init; }

    /// <summary>The declared percentile of the latency over the medium window, seconds.</summary>
    public double? SloPercentileSeconds { get; init; }

    /// <summary>Index of dispersion of arrivals per 100 ms over the long window: 1 for Poisson; at least 0; of the last time that it could be told. Null: never.</summary>
    public double? Dispersion { get; init; }

    /// <summary>Rows per request, at least 1.</summary>
    public double RowsPerRequest { get; init; } = 1;

    /// <summary>Mean seconds of an answered request outside queue and compute, over the long window.</summary>
    public double OverheadSeconds { get; init; }

    /// <summary>True when requests in flight and latencies contradict each other by Little's law over the long window.</summary>
    public bool Disagrees { get; init; }

    /// <summary>Rows waiting in all queues now.</summary>
    public double QueueRows { get; init; }

    /// <summary>Requests received and not answered, now.</summary>
    public double InFlight { get; init; }

    /// <summary>Largest batch limit that a ready replica has in force; 0 unknown.</summary>
    public int BatchSizeMax { get; init; }
}
