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

        var check = new StrictCheck();
        check.Check(AgentSchema.Root, tree, "");
        var errors = check.Errors.Concat(Identity(tree)).ToList();
        if (errors.Count > 0)
        {
            return new ManifestReading.Rejected([.. errors]);
        }

        Defaulting.Apply(AgentSchema.Root, tree);
        check.CheckRules(AgentSchema.Root, tree, "");
        if (check.Errors.Count > 0)
        {
            return new ManifestReading.Rejected([.. check.Errors]);
        }

        try
        {
            return new ManifestReading.Accepted(tree.Deserialize(AgentJson.Default.InferenceAgent)! with { Status = status });
        }
        catch (JsonException e)
        {
            // What the schema does not look into: metadata.
            return new ManifestReading.Rejected([new(e.Path?.TrimStart('$', '.') is { Length: > 0 } path ? path : "(manifest)", "has a wrong type")]);
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

    private static IEnumerable<FieldError> Identity(JsonObject tree)
    {
        if (!IsText(tree["apiVersion"], ResourceNames.ApiVersion))
        {
            yield return new("apiVersion", $"must be {ResourceNames.ApiVersion}");
        }

        if (!IsText(tree["kind"], ResourceNames.Kind))
        {
            yield return new("kind", $"must be {ResourceNames.Kind}");
        }

        if (tree["metadata"] is not JsonObject metadata || !metadata.ContainsKey("name"))
        {
            yield return new("metadata.name", "is required");
        }
    }

    private static bool IsText(JsonNode? node, string text) => node is JsonValue value && value.TryGetValue<string>(out var written) && written == text;
}
