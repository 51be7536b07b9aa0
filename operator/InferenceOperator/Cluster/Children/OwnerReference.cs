using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Cluster.Children;

/// <summary>The tie from a child to its agent; the garbage collector removes children whose agent is gone.</summary>
internal static class OwnerReference
{
    public static JsonArray To(InferenceAgent agent) =>
    [
        new JsonObject
        {
            ["apiVersion"] = ResourceNames.ApiVersion,
            ["kind"] = ResourceNames.Kind,
            ["name"] = agent.Metadata.Name,
            ["uid"] = agent.Metadata.Uid,
            ["controller"] = true,
            ["blockOwnerDeletion"] = true,
        },
    ];

    /// <summary>The uid of the controlling owner, of any kind; null without one.</summary>
    public static string? ControllerUid(JsonObject live) => Controller(live)?["uid"]?.ToString();

    /// <summary>The name of the InferenceAgent that controls the object; null when none does.</summary>
    public static string? ControllerName(JsonObject live) =>
        Controller(live) is { } owner && owner["kind"]?.ToString() == ResourceNames.Kind && owner["apiVersion"]?.ToString().StartsWith(ResourceNames.Group + "/", StringComparison.Ordinal) == true
            ? owner["name"]?.ToString()
            : null;

    private static JsonObject? Controller(JsonObject live)
    {
        foreach (var owner in (live["metadata"] as JsonObject)?["ownerReferences"] as JsonArray ?? [])
        {
            if (owner is JsonObject reference && reference["controller"] is JsonValue controller && controller.TryGetValue<bool>(out var controls) && controls)
            {
                return reference;
            }
        }

        return null;
    }
}
