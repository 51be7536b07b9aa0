using System.Text.Json.Serialization;

namespace InferenceOperator.Kubernetes.Tests.Kit;

/// <summary>All that a test wants to know of a ConfigMap: a projection by type. A value that is not a number does not fit.</summary>
internal sealed record NarrowConfigMap(NarrowConfigMapContent? Data);

internal sealed record NarrowConfigMapContent(
    [property: JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] int Value);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(NarrowConfigMap))]
internal sealed partial class NarrowConfigMapJson : JsonSerializerContext;
