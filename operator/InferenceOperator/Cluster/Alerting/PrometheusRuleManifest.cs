using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Alerting;

/// <summary>The PrometheusRule of an agent, for clusters that have the Prometheus operator.</summary>
internal static class PrometheusRuleManifest
{
    public static ResourceType Type { get; } = new("monitoring.coreos.com", "v1", "prometheusrules", "PrometheusRule", Namespaced: true);

    /// <summary>Its name: <see cref="ChildNames.Base"/> and a suffix.</summary>
    public static string Name(InferenceAgent agent) => ChildNames.Of(agent.Metadata.Name).Base + "-slo";

    /// <param name="agent">An agent with an SLO.</param>
    /// <param name="labels">Further labels, by which Prometheus finds the rules it is to load.</param>
    /// <exception cref="ArgumentException">It has no SLO.</exception>
    public static JsonObject Render(InferenceAgent agent, ImmutableSortedDictionary<string, string> labels)
    {
        var manifest = ChildManifest.Begin(Type, Name(agent), agent, ChildNames.Of(agent.Metadata.Name));
        foreach (var (label, value) in labels)
        {
            manifest["metadata"]!["labels"]![label] ??= value; // Begin has made both.
        }

        manifest["spec"] = new JsonObject { ["groups"] = AgentRules.Groups(agent) };
        return manifest;
    }
}
