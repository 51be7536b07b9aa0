namespace InferenceOperator.Core.Resource;

/// <summary>What answers requests.</summary>
public sealed record ServingStatus
{
    /// <summary>SHA-256 of the model file that is served; null until a replica has said so.</summary>
    public string? Sha256 { get; init; }

    public QuantizationLevel Quantization { get; init; }

    /// <summary>Variant that answers what no share is declared for; <c>full</c>, the model itself, or one whose use is Steady.</summary>
    public string Variant { get => field ?? VariantShares.Full; init; } = VariantShares.Full;

    /// <summary>Variant that answers in its place while replicas start; null: none.</summary>
    public string? Burst { get; init; }

    /// <summary>Why this one.</summary>
    public string Reason { get => field ?? ""; init; } = "";
}
