using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>Has a Prometheus that the Prometheus operator runs scrape the replicas.</summary>
internal static class PodMonitorManifest
{
    /// <param name="agent">The agent.</param>
    /// <param name="type">The version that is served.</param>
    /// <param name="options">How often it scrapes, and how it is found.</param>
    public static JsonObject Render(InferenceAgent agent, ResourceType type, ChildOptions options)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.BeginMonitoring(type, agent, names, options.MonitoringLabels);
        var endpoint = new JsonObject { ["port"] = RuntimePorts.MetricsName, ["path"] = "/metrics" };
        if (options.ScrapeInterval is { } between)
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
