using System.Text.Json.Nodes;

namespace InferenceOperator.Kubernetes.Events;

/// <summary>The object that an event is about.</summary>
public sealed record ObjectReference(GroupVersionKind GroupVersionKind, ObjectKey Key, string Uid)
{
    public static ObjectReference To<T>(ResourceType type, ApiObject<T> found) => new(type.GroupVersionKind, found.Key, found.Uid);

    /// <summary>Events about cluster-scoped objects live in the namespace <c>default</c>.</summary>
    internal string EventNamespace => Key.Namespace.Length == 0 ? "default" : Key.Namespace;

    internal JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["apiVersion"] = GroupVersionKind.ApiVersion,
            ["kind"] = GroupVersionKind.Kind,
            ["name"] = Key.Name,
            ["uid"] = Uid,
        };
        if (Key.Namespace.Length > 0)
        {
            json["namespace"] = Key.Namespace;
        }

        return json;
    }
}
