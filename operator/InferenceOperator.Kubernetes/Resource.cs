using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using InferenceOperator.Kubernetes.Models;

namespace InferenceOperator.Kubernetes;

/// <summary>A resource type together with how its objects are read and written.</summary>
/// <remarks>
/// <typeparamref name="T"/> may hold fewer fields than the object has: a narrow type is the cheapest projection. To write, it
/// must carry <c>apiVersion</c>, <c>kind</c> and <c>metadata</c>.
/// </remarks>
public sealed record Resource<T>(ResourceType Type, JsonTypeInfo<T> Json);

/// <summary>Resources whose objects are plain JSON.</summary>
public static class Resource
{
    public static Resource<JsonObject> Untyped(ResourceType type) => new(type, KubernetesJson.Default.JsonObject);
}
