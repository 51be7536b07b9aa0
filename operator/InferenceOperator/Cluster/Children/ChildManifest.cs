using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Cluster.Children;

/// <summary>What the manifests of all children have in common.</summary>
internal static class ChildManifest
{
    /// <summary>A manifest with its head: type, name, labels, owner.</summary>
    public static JsonObject Begin(string apiVersion, string kind, string name, InferenceAgent agent, ChildNames names) => new()
    {
        ["apiVersion"] = apiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = agent.Metadata.Namespace,
            ["labels"] = ChildLabels.Of(names),
            ["ownerReferences"] = OwnerReference.To(agent),
        },
    };
}
