using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Core.Resource;

/// <summary>What one measure says of the new revision beside the old one, in the same blocks of time.</summary>
public sealed record RolloutEvidenceStatus
{
    public RolloutMeasure Measure { get; init; }

    /// <summary>Blocks of time in which both had requests.</summary>
    public int Blocks { get; init; }

    public long OldRequests { get; init; }

    /// <summary>Those of them that were bad by this measure.</summary>
    public long OldBad { get; init; }

    public long NewRequests { get; init; }

    public long NewBad { get; init; }

    /// <summary>Natural logarithm of the evidence that the new one is worse than the margin, decimal text.</summary>
    public string Worse { get => field ?? "0"; init; } = "0";

    /// <summary>Natural logarithm of the evidence that it is beyond what is allowed, decimal text.</summary>
    public string Beyond { get => field ?? "0"; init; } = "0";
}
