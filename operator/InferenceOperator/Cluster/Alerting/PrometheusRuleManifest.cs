using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Alerting;

/// <summary>The PrometheusRule of an agent, for clusters that have the Prometheus operator.</summary>
internal static class PrometheusRuleManifest
{
    /// <param name="agent">An agent with an SLO.</param>
    /// <param name="type">The version that is served.</param>
    /// <param name="labels">Further labels, by which Prometheus finds the rules it is to load.</param>
    /// <exception cref="ArgumentException">It has no SLO.</exception>
    public static JsonObject Render(InferenceAgent agent, ResourceType type, ImmutableSortedDictionary<string, string> labels)
    {
        var manifest = ChildManifest.BeginMonitoring(type, agent, ChildNames.Of(agent.Metadata.Name), labels);
        manifest["spec"] = new JsonObject { ["groups"] = AgentRules.Groups(agent) };
        return manifest;
    }
}
