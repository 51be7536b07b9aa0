using System.Text.Json.Nodes;

namespace InferenceOperator.Cluster.Children;

/// <summary>What the containers that the operator puts into a pod have in common.</summary>
/// <remarks>It is part of every revision of the rendering: what is to be rendered otherwise is a new revision (<see cref="PodRendering"/>).</remarks>
internal static class OwnContainer
{
    /// <summary>Name of the environment variable from which a container learns its pod's name.</summary>
    public const string PodName = "POD_NAME";

    /// <param name="name">Its name.</param>
    /// <param name="image">Image of the runtime.</param>
    /// <param name="arguments">What the runtime is told.</param>
    /// <param name="serving">Ports and probes; empty where nothing is served.</param>
    /// <param name="mounts">See <see cref="Mount"/>.</param>
    public static JsonObject Render(string name, string image, JsonArray arguments, IEnumerable<KeyValuePair<string, JsonNode?>> serving, IEnumerable<JsonObject> mounts) => new(
    [
        new("name", name),
        new("image", image),
        new("args", arguments),
        new("env", new JsonArray
        {
            new JsonObject
            {
                ["name"] = PodName,
                ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = "metadata.name" } },
            },
        }),
        .. serving,
        new("terminationMessagePath", RuntimePaths.TerminationLog),
        new("terminationMessagePolicy", "FallbackToLogsOnError"),
        new("securityContext", new JsonObject
        {
            ["allowPrivilegeEscalation"] = false,
            ["readOnlyRootFilesystem"] = true,
            ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
        }),
        new("volumeMounts", new JsonArray([.. mounts])),
    ]);

    /// <summary>A volume of the pod at a place in a container.</summary>
    public static JsonObject Mount(string volume, string path, bool readOnly)
    {
        var mount = new JsonObject { ["name"] = volume, ["mountPath"] = path };
        if (readOnly)
        {
            mount["readOnly"] = true;
        }

        return mount;
    }
}
