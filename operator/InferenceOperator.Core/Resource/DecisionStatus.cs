namespace InferenceOperator.Core.Resource;

/// <summary>One decision in short; the whole record is in the log of decisions.</summary>
public sealed record DecisionStatus
{
    public DateTimeOffset At { get; init; }

    /// <summary>Name of the rule that decided.</summary>
    public required string Rule { get; init; }

    /// <summary>One sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Replicas decided on.</summary>
    public int Replicas { get; init; }

    /// <summary>Batch limit decided on.</summary>
    public int MaxBatch { get; init; }

    /// <summary>Who answers what no share is declared for; <c>full</c> is the model itself.</summary>
    public string Variant { get => field ?? VariantShares.Full; init; } = VariantShares.Full;

    /// <summary>False: only recommended.</summary>
    public bool Applied { get; init; }
}
