using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning;

/// <summary>What the batch planner looks at.</summary>
internal sealed record BatchSituation
{
    public required BatchLimits Current { get; init; }

    public required BatchingSpec Bounds { get; init; }

    public required Objective Objective { get; init; }

    /// <summary>Null: nothing known.</summary>
    public ServiceTime? Service { get; init; }

    /// <summary>Largest batch ever seen, rows.</summary>
    public int LargestBatch { get; init; }

    /// <summary>Rows per second that each ready replica gets.</summary>
    public double DemandPerReplica { get; init; }

    /// <summary>Requests are missing the SLO, or rows pile up.</summary>
    public bool IsAtRisk { get; init; }

    /// <summary>Time since the limit was last lowered; null: never.</summary>
    public TimeSpan? SinceLowered { get; init; }
}
