using System.Collections.Immutable;

namespace InferenceOperator.Core.Planning.Variants;

/// <summary>What the choice of a burst variant looks at.</summary>
internal sealed record BurstSituation
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Variants that may be used now, in the order of the manifest.</summary>
    public required ImmutableArray<BurstOption> Options { get; init; }

    public required BurstState State { get; init; }

    /// <summary>Rows per second that have to be carried now, backlog included; null: traffic is unknown.</summary>
    public double? Demand { get; init; }

    /// <summary>Rows per second that one replica carries without it; null: not known.</summary>
    public double? Capacity { get; init; }

    public int Ready { get; init; }

    /// <summary>Replicas on their way.</summary>
    public int Pending { get; init; }

    /// <summary>Replicas that the plan asks for before guard rails; null: not known.</summary>
    public int? Required { get; init; }

    /// <summary>Rows are waiting beyond a batch per replica, or requests miss the SLO.</summary>
    public bool IsAtRisk { get; init; }

    /// <summary>The batch limit moves in this step and may suffice.</summary>
    public bool BatchFirst { get; init; }
}
