namespace InferenceOperator.Core.Resource;

/// <summary>What answers requests.</summary>
public sealed record ServingStatus
{
    /// <summary>SHA-256 of the model file that is served; null until a replica has said so.</summary>
    public string? Sha256 { get; init; }

    public QuantizationLevel Quantization { get; init; }

    /// <summary>Why this one.</summary>
    public string Reason { get => field ?? ""; init; } = "";
}
