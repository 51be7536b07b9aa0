using System.Text.Json.Serialization;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning.Variants;

/// <summary>Who answers what no share is declared for.</summary>
/// <param name="Steady">For good: <c>full</c>, the model itself, or a variant whose use is Steady.</param>
/// <param name="Burst">In its place while replicas start; null: nobody.</param>
public sealed record VariantChoice(string Steady, string? Burst)
{
    /// <summary>The model itself.</summary>
    public static VariantChoice Full { get; } = new(VariantShares.Full, null);

    /// <summary>Whoever answers now.</summary>
    [JsonIgnore]
    public string Answers => Burst ?? Steady;
}
