using System.Text.Json.Serialization;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Planning.Variants;

namespace InferenceOperator.Core.Control;

/// <summary>The levers' positions.</summary>
public sealed record Target(int Replicas, BatchLimits Batching)
{
    /// <summary>Who answers; null: the model itself.</summary>
    public VariantChoice? Variants { get; init; }

    /// <summary>The same, named.</summary>
    [JsonIgnore]
    public VariantChoice Choice => Variants ?? VariantChoice.Full;
}
