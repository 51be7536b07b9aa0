using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning;

/// <summary>What the replica planner looks at.</summary>
internal sealed record ReplicaSituation
{
    /// <summary>Replicas wanted until now.</summary>
    public required int Current { get; init; }

    public required ScalingSpec Bounds { get; init; }

    /// <summary>Rows per second to plan for, backlog included; null: traffic is unknown.</summary>
    public double? Demand { get; init; }

    /// <summary>The most of it within the scale-down window.</summary>
    public double MostDemand { get; init; }

    /// <summary>Standard deviation of a measured rate, relative to it.</summary>
    public double DemandNoise { get; init; }

    /// <summary>Rows per second that one replica carries; null: not known.</summary>
    public double? Capacity { get; init; }

    /// <summary>Latency at the SLO's share when each replica gets so many rows per second; null: it cannot keep up.</summary>
    public required Func<double, double?> Latency { get; init; }

    /// <summary>Infinite without an SLO.</summary>
    public required double TargetSeconds { get; init; }

    /// <summary>Replicas that were wanted for more than twice the usual start-up and are still not ready, though they found a place.</summary>
    public int Overdue { get; init; }

    /// <summary>Replicas that serve.</summary>
    public int Ready { get; init; }

    /// <summary>Replicas that are starting in their usual time.</summary>
    public int Pending { get; init; }

    /// <summary>The measurements contradict themselves.</summary>
    public bool MetricsDisagree { get; init; }

    /// <summary>How long traffic has been known without a gap, and by this controller.</summary>
    public TimeSpan KnownFor { get; init; }

    /// <summary>It was proven idle all through the scale-down window, and no request is inside the endpoint.</summary>
    public bool MayGoToZero { get; init; }

    /// <summary>Requests that wait for a replica.</summary>
    public int Held { get; init; }

    /// <summary>Time since replicas were last taken away; null: never.</summary>
    public TimeSpan? SinceDown { get; init; }

    /// <summary>The batch limit moves in this step and replicas may wait for what that brings.</summary>
    public bool BatchFirst { get; init; }
}
