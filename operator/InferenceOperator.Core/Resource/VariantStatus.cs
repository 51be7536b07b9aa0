namespace InferenceOperator.Core.Resource;

/// <summary>What is known of a variant that the operator may choose.</summary>
public sealed record VariantStatus
{
    public required string Name { get; init; }

    /// <summary>Its fitted service time; a restarted operator goes on from it.</summary>
    public required FitStatus Model { get; init; }
}
