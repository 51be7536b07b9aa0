using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Schema;

/// <summary>Reads manifests strictly: an unknown field, a wrong type, unit or bound is an error with its path.</summary>
public static class AgentManifest
{
    /// <summary>Checks, fills in defaults, and reads; the node is not changed.</summary>
    /// <param name="manifest">An InferenceAgent as JSON: from a manifest, or from the API server with status and metadata.</param>
    public static ManifestReading Read(JsonNode? manifest)
    {
        if (manifest is not JsonObject)
        {
            return new ManifestReading.Rejected([new("(manifest)", "must be an object")]);
        }

        // Only the operator writes status: what an older version of it wrote is read leniently, or not at all.
        var tree = manifest.DeepClone().AsObject();
        var status = ReadStatus(tree);
        tree.Remove("status");

        var errors = StrictReading.Check(AgentSchema.Root, ResourceNames.Kind, tree);
        if (!errors.IsEmpty)
        {
            return new ManifestReading.Rejected(errors);
        }

        try
        {
            return new ManifestReading.Accepted(tree.Deserialize(AgentJson.Default.InferenceAgent)! with { Status = status });
        }
        catch (JsonException e)
        {
            return new ManifestReading.Rejected([StrictReading.WrongType(e)]);
        }
    }

    /// <summary>The resource as JSON, for the API server.</summary>
    public static JsonNode Write(InferenceAgent agent) => JsonSerializer.SerializeToNode(agent, AgentJson.Default.InferenceAgent)!;

    /// <summary>The status as JSON, for the API server.</summary>
    public static JsonNode Write(AgentStatus status) => JsonSerializer.SerializeToNode(status, AgentJson.Default.AgentStatus)!;

    private static AgentStatus? ReadStatus(JsonObject tree)
    {
        try
        {
            return tree["status"]?.Deserialize(AgentJson.Default.AgentStatus);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
