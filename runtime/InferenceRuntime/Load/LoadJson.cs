using System.Text.Json.Serialization;

namespace InferenceRuntime.Load;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LoadReport))]
[JsonSerializable(typeof(LoadProgress))]
internal sealed partial class LoadJson : JsonSerializerContext;
