using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>How many replicas a node drain may take at a time.</summary>
internal static class PodDisruptionBudgetManifest
{
    /// <summary>Rounded up by the API server: one of up to ten replicas, two of up to twenty. A share follows the number of replicas without a write, and never blocks a drain for good.</summary>
    private const string Unavailable = "10%";

    /// <param name="agent">The agent.</param>
    /// <param name="type">The version that is served.</param>
    /// <param name="mayEvictUnready">Whether the server knows how to let pods go that serve nothing anyway; else a replica that crashes could hold a drain up.</param>
    public static JsonObject Render(InferenceAgent agent, ResourceType type, bool mayEvictUnready)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.Begin(type, names.Base, agent, names);
        var spec = new JsonObject
        {
            ["maxUnavailable"] = Unavailable,
            ["selector"] = new JsonObject { ["matchLabels"] = ChildLabels.PodSelector(names) },
        };
        if (mayEvictUnready)
        {
            spec["unhealthyPodEvictionPolicy"] = "AlwaysAllow";
        }

        manifest["spec"] = spec;
        return manifest;
    }
}
