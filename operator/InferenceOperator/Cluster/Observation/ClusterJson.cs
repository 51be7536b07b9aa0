using System.Text.Json.Serialization;

namespace InferenceOperator.Cluster.Observation;

/// <summary>The JSON form of the narrow views on Kubernetes' objects; unknown fields are passed over.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AutoscalerState))]
[JsonSerializable(typeof(PodState))]
internal sealed partial class ClusterJson : JsonSerializerContext;
