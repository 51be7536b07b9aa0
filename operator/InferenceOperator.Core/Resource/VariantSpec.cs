namespace InferenceOperator.Core.Resource;

/// <summary>Another model for the same task, resident in each replica beside the one of <see cref="AgentSpec.Model"/>.</summary>
public sealed record VariantSpec
{
    /// <summary>Differs from the other variants' and from <c>full</c>, the name of the model itself.</summary>
    public required string Name { get; init; }

    /// <summary>Its file; takes and gives what the model itself does.</summary>
    public required ModelSpec Model { get; init; }

    /// <summary>Percent of the requests that it answers, 0 to 100; null: none.</summary>
    public int? Share { get; init; }
}
