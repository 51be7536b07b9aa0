using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>Has a Prometheus that the Prometheus operator runs scrape the replicas.</summary>
internal static class PodMonitorManifest
{
    /// <param name="agent">The agent.</param>
    /// <param name="type">The version that is served.</param>
    /// <param name="interval">Time between two scrapes; null: as Prometheus does by default.</param>
    public static JsonObject Render(InferenceAgent agent, ResourceType type, TimeSpan? interval)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.Begin(type, names.Base, agent, names);
        var endpoint = new JsonObject { ["port"] = RuntimePorts.MetricsName, ["path"] = "/metrics" };
        if (interval is { } between)
        {
            endpoint["interval"] = Duration.FromTimeSpan(between).ToString();
        }

        manifest["spec"] = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = ChildLabels.PodSelector(names) },
            ["podMetricsEndpoints"] = new JsonArray { endpoint },
        };
        return manifest;
    }
}
