using System.Text.Json;

namespace InferenceOperator.Kubernetes;

/// <summary>Reads objects together with what identifies their state.</summary>
internal static class ObjectReader
{
    /// <exception cref="JsonException">It is not an object with a name, or does not fit <typeparamref name="T"/>.</exception>
    public static ApiObject<T> Read<T>(JsonElement element, Resource<T> resource)
    {
        var metadata = Metadata(element);
        var key = KeyOf(element);
        if (key.Name.Length == 0)
        {
            throw new JsonException($"An object among {resource.Type} has no metadata.name.");
        }

        var value = element.Deserialize(resource.Json) ?? throw new JsonException($"{resource.Type} {key} is null.");
        return new ApiObject<T>(key, Text(metadata, "uid"), Text(metadata, "resourceVersion"), value);
    }

    /// <summary>The key in the object's metadata; parts that are missing are empty.</summary>
    public static ObjectKey KeyOf(JsonElement element)
    {
        var metadata = Metadata(element);
        return new ObjectKey(Text(metadata, "namespace"), Text(metadata, "name"));
    }

    /// <summary>The key that an object to be written carries in its metadata.</summary>
    /// <exception cref="ArgumentException">It has no name, or no namespace where one is needed.</exception>
    public static ObjectKey KeyOf(JsonElement manifest, ResourceType type)
    {
        var key = KeyOf(manifest);
        return key.Name.Length == 0 ? throw new ArgumentException($"A manifest for {type} has no metadata.name.", nameof(manifest))
            : type.Namespaced && key.Namespace.Length == 0
                ? throw new ArgumentException($"The manifest for {type} \"{key.Name}\" has no metadata.namespace.", nameof(manifest))
            : key;
    }

    public static string ResourceVersionOf(JsonElement element) => Text(Metadata(element), "resourceVersion");

    public static string ContinueOf(JsonElement element) => Text(Metadata(element), "continue");

    private static JsonElement Metadata(JsonElement element) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty("metadata", out var metadata) ? metadata : default;

    private static string Text(JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString() ?? ""
            : "";
}
