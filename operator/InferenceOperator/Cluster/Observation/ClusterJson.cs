using System.Text.Json.Serialization;
using InferenceOperator.Cluster.Policies;
using InferenceOperator.Cluster.Pools;

namespace InferenceOperator.Cluster.Observation;

/// <summary>The JSON form of the narrow views on Kubernetes' objects; unknown fields are passed over.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AutoscalerState))]
[JsonSerializable(typeof(KeptObject))]
[JsonSerializable(typeof(PodState))]
[JsonSerializable(typeof(PodDevicesState))]
[JsonSerializable(typeof(NodeState))]
[JsonSerializable(typeof(QuotaState))]
[JsonSerializable(typeof(NamespaceState))]
internal sealed partial class ClusterJson : JsonSerializerContext;
