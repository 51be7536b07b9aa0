using System.Collections.Immutable;

namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>What serves: the same for every policy. Immutable.</summary>
public sealed record PlantSettings
{
    /// <summary>Requests that a replica without a bound holds; beyond them it refuses. 128 MiB of times.</summary>
    public const int QueueMax = 1 << 24;

    /// <summary>Most replicas of a plant.</summary>
    public const int ReplicasMax = 4096;

    public required ServiceFit Service { get; init; }

    public StartUp StartUp { get; init; } = new StartUp.Always(30);

    public Routing Routing { get; init; }

    /// <summary>Requests that may wait at a replica, at least 1; more are refused.</summary>
    public int QueueBound { get; init; } = QueueMax;

    /// <summary>A request that has waited longer is dropped when its turn comes, seconds; infinite: never.</summary>
    public double TimeoutSeconds { get; init; } = double.PositiveInfinity;

    /// <summary>Most rows in one execution unless a policy moves it, at least 1.</summary>
    public int MaxBatch { get; init; } = 64;

    /// <summary>Longest that a free replica waits for company, seconds, unless a policy moves it.</summary>
    public double MaxDelaySeconds { get; init; }

    /// <summary>Added to every latency: what is neither queue nor execution, seconds.</summary>
    public double OverheadSeconds { get; init; }

    /// <summary>Replicas that have a place at once, draining ones included; others wait for one, unpaid.</summary>
    public int Quota { get; init; } = ReplicasMax;

    /// <summary>Mean time between crashes of a ready replica, seconds; infinite: none crashes.</summary>
    public double CrashMeanSeconds { get; init; } = double.PositiveInfinity;

    /// <summary>Ascending in time.</summary>
    public ImmutableArray<NodeLoss> NodeLosses { get; init; } = [];
}
