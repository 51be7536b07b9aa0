using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Kubernetes;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>Each agent's PrometheusRule, on a real API server that has the Prometheus operator's kind.</summary>
public sealed class AlertingTests
{
    private static readonly ResourceType Kind = ChildKind.PrometheusRule.Versions().Single();
    private static readonly Resource<JsonObject> Rules = Resource.Untyped(Kind);

    [ServerFact(Server.KubeApiServer)]
    public async Task An_agent_has_alerts_as_long_as_it_has_an_SLO_and_wants_them()
    {
        using var patience = Patience.Start();
        await using var server = await KubeApiServer.StartAsync([], patience.Token);
        using var admin = AgentClusterFixture.Connect(server.AdminKubeconfig);
        await AgentClusterFixture.InstallAsync(admin);
        await InstallKindAsync(admin, patience.Token);
        await using var running = await OperatorUnderTest.StartAsync(server.AdminKubeconfig, "default");

        await admin.CreateAgentAsync(Written.Agent("default", "ranker", """ "slo": {"latency": {"target": "50ms"}} """));
        await admin.UntilAsync(Rules, "default", "ranker", static rule => rule.ToJsonString().Contains("within 50ms", StringComparison.Ordinal));
        await admin.PatchAsync(Agents, "default", "ranker", """{"spec": {"slo": {"latency": {"target": "20ms"}}}}""");
        await admin.UntilAsync(Rules, "default", "ranker", static rule => rule.ToJsonString().Contains("within 20ms", StringComparison.Ordinal));

        await admin.PatchAsync(Rules, "default", "ranker", """{"spec": {"groups": []}}""");
        await admin.UntilAsync(Rules, "default", "ranker", static rule => rule["spec"]!["groups"]!.AsArray().Count > 0);

        await admin.PatchAsync(Agents, "default", "ranker", """{"spec": {"slo": null}}""");
        await admin.UntilGoneAsync(Rules, "default", "ranker");

        await admin.PatchAsync(Agents, "default", "ranker", """{"spec": {"slo": {"latency": {"target": "30ms"}}}}""");
        await admin.UntilAsync(Rules, "default", "ranker", static _ => true);
        await admin.PatchAsync(Agents, "default", "ranker", """{"spec": {"children": {"prometheusRule": false}}}""");
        await admin.UntilGoneAsync(Rules, "default", "ranker");
    }

    /// <summary>The Prometheus operator's kind, whatever is in it.</summary>
    private static async Task InstallKindAsync(KubernetesClient admin, CancellationToken cancellationToken)
    {
        await admin.CreateAsync(
            Resource.Untyped(ResourceType.CustomResourceDefinitions),
            Written.Json("""
                {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "prometheusrules.monitoring.coreos.com"},
                 "spec": {"group": "monitoring.coreos.com", "scope": "Namespaced",
                  "names": {"kind": "PrometheusRule", "listKind": "PrometheusRuleList", "plural": "prometheusrules", "singular": "prometheusrule"},
                  "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true} } }]} }
                """),
            cancellationToken);
        while (!await admin.Discovery.ServesAsync(Kind, cancellationToken))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }
}
