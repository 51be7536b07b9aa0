using System.Collections.Immutable;

namespace InferenceOperator.Core.Planning.Variants;

/// <summary>What a plan is looked for.</summary>
internal sealed record PlanQuestion
{
    /// <summary>The model itself first.</summary>
    public required ImmutableArray<ModelOption> Options { get; init; }

    /// <summary>Who answers now.</summary>
    public required string Current { get; init; }

    /// <summary>Replicas wanted now; more of them cost their start-up too.</summary>
    public required int CurrentReplicas { get; init; }

    /// <summary>Rows per second to carry, at least 0.</summary>
    public required double Demand { get; init; }

    /// <summary>Fewest replicas, at least 0.</summary>
    public required int ReplicasMin { get; init; }

    /// <summary>Most replicas, of the manifest and of what the pool gives.</summary>
    public required int ReplicasMax { get; init; }

    /// <summary>Capacities are divided by it; at least 1.</summary>
    public double Trim { get; init; } = 1;

    /// <summary>Least accuracy; null: none.</summary>
    public double? AccuracyFloor { get; init; }

    /// <summary>Of an hour without any accuracy.</summary>
    public double AccuracyPrice { get; init; }

    /// <summary>Of one replica for an hour.</summary>
    public double ReplicaPrice { get; init; } = 1;

    /// <summary>Usual time from wanted to ready.</summary>
    public TimeSpan StartUp { get; init; }

    /// <summary>True: every candidate is worked out; else only those that can still be the best.</summary>
    public bool WeighsAll { get; init; }
}
