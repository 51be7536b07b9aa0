namespace InferenceOperator.Core.Resource;

/// <summary>The precision the model is served at.</summary>
public sealed record QuantizationSpec
{
    public QuantizationLevel Level { get; init; }
}
