using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Core.Policy;

/// <summary>Reads manifests of policies as strictly as those of agents.</summary>
public static class PolicyManifest
{
    /// <summary>Checks, fills in defaults, and reads; the node is not changed.</summary>
    /// <param name="manifest">An InferencePolicy as JSON: from a manifest, or from the API server with status and metadata.</param>
    public static PolicyReading Read(JsonNode? manifest)
    {
        if (manifest is not JsonObject)
        {
            return new PolicyReading.Rejected([new("(manifest)", "must be an object")]);
        }

        var tree = manifest.DeepClone().AsObject();
        tree.Remove("status");
        var errors = StrictReading.Check(PolicySchema.Root, PolicyNames.Kind, tree);
        if (!errors.IsEmpty)
        {
            return new PolicyReading.Rejected(errors);
        }

        try
        {
            return new PolicyReading.Accepted(tree.Deserialize(AgentJson.Default.InferencePolicy)!);
        }
        catch (JsonException e)
        {
            return new PolicyReading.Rejected([StrictReading.WrongType(e)]);
        }
    }
}
