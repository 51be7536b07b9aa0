using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Measuring;
using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Core.Simulation.Runs;

/// <summary>What every policy of a comparison meets: the load, the plant, the metrics plane, the objective. Immutable.</summary>
public sealed record Scenario
{
    /// <summary>Length of a point of the series, seconds.</summary>
    public const double IntervalSeconds = 5;

    public required Workload Workload { get; init; }

    public required PlantSettings Plant { get; init; }

    public MetricsSettings Metrics { get; init; } = new();

    /// <summary>Latency within which a request is met, above 0.</summary>
    public required double SloSeconds { get; init; }

    /// <summary>Share of requests that should be, in (0, 1).</summary>
    public double SloShare { get; init; } = 0.99;

    /// <summary>Fewest replicas.</summary>
    public int Min { get; init; } = 1;

    /// <summary>Most replicas, at least <see cref="Min"/>.</summary>
    public int Max { get; init; } = 100;

    /// <summary>Ready replicas at the start; null: as many as the first rate takes.</summary>
    public int? Initial { get; init; }

    /// <summary>Seconds at the start that no figure counts, below the workload's length.</summary>
    public double WarmUpSeconds { get; init; } = 300;

    /// <summary>Price of a replica for an hour.</summary>
    public double PricePerHour { get; init; } = 1;
}
