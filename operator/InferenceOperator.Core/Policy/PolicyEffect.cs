namespace InferenceOperator.Core.Policy;

/// <summary>A field that counts otherwise than it is declared.</summary>
public sealed record PolicyEffect
{
    /// <summary>Path of the field, such as <c>spec.scaling.maxReplicas</c>.</summary>
    public required string Field { get; init; }

    /// <summary>As declared; null: nothing was.</summary>
    public string? Declared { get; init; }

    /// <summary>What counts.</summary>
    public required string Effective { get; init; }

    /// <summary>Name of the policy that it comes from.</summary>
    public required string Policy { get; init; }
}
