using System.Collections.Immutable;

namespace InferenceOperator.Core.Simulation.Measuring;

/// <summary>What lies between the replicas' counters and whoever decides. Immutable.</summary>
public sealed record MetricsSettings
{
    /// <summary>Time between two scrapes, seconds, above 0; policies that bring their own collector keep its interval.</summary>
    public double IntervalSeconds { get; init; } = 5;

    /// <summary>Time from a scrape until it can be seen, seconds.</summary>
    public double AgeSeconds { get; init; }

    /// <summary>Standard deviation of a normal factor on what arrived between two scrapes of a replica, 0 to 1.</summary>
    public double Noise { get; init; }

    /// <summary>Share of scrapes of single replicas that are lost, 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Times in which nothing is scraped.</summary>
    public ImmutableArray<(double From, double To)> Outages { get; init; } = [];
}
