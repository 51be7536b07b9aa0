using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>What the manifests of all children have in common.</summary>
internal static class ChildManifest
{
    /// <summary>A manifest with its head: type, name, labels, owner.</summary>
    public static JsonObject Begin(ResourceType type, string name, InferenceAgent agent, ChildNames names) => new()
    {
        ["apiVersion"] = type.Group.Length == 0 ? type.Version : $"{type.Group}/{type.Version}",
        ["kind"] = type.Kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = agent.Metadata.Namespace,
            ["labels"] = ChildLabels.Of(names),
            ["ownerReferences"] = OwnerReference.To(agent),
        },
    };
}
