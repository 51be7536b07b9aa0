using System.Collections.Immutable;
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

    /// <summary>The head of what Prometheus is to find: with the labels that its selectors ask for, which take none of ours away.</summary>
    public static JsonObject BeginMonitoring(ResourceType type, InferenceAgent agent, ChildNames names, ImmutableSortedDictionary<string, string> found)
    {
        var manifest = Begin(type, names.Base, agent, names);
        var labels = manifest["metadata"]!["labels"]!; // Begin has made both.
        foreach (var (label, value) in found)
        {
            labels[label] ??= value;
        }

        return manifest;
    }
}
