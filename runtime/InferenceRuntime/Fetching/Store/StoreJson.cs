using System.Text.Json.Serialization;

namespace InferenceRuntime.Fetching.Store;

/// <summary>The documents of the store.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(StoredModel))]
internal sealed partial class StoreJson : JsonSerializerContext;
