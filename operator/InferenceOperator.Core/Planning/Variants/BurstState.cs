namespace InferenceOperator.Core.Planning.Variants;

/// <summary>What is remembered of the burst variant. Immutable.</summary>
/// <param name="Variant">Who answers in the steady variant's place; null: nobody.</param>
/// <param name="CalmSince">Since when the replicas would do without it (UTC); null: they would not.</param>
public sealed record BurstState(string? Variant, DateTimeOffset? CalmSince)
{
    public static BurstState None { get; } = new(null, null);
}
