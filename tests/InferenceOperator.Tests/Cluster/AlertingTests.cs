using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Alerting;
using InferenceOperator.Kubernetes;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>Each agent's PrometheusRule, on real API servers with and without the Prometheus operator's kinds.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class AlertingTests(AgentClusterFixture cluster)
{
    private static readonly Resource<JsonObject> Rules = Resource.Untyped(PrometheusRuleManifest.Type);

    [ServerFact(Server.KubeApiServer)]
    public async Task An_agent_has_alerts_as_long_as_it_has_an_SLO_and_nothing_is_written_again()
    {
        await InstallKindAsync();
        var ns = await cluster.NewNamespaceAsync();
        await using (var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns))
        {
            await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "ranker", """ "slo": {"latency": {"target": "50ms"}} """));
            var rule = await cluster.Admin.UntilAsync(Rules, ns, "ranker-slo", static _ => true);
            Assert.Contains("within 50ms", rule.Value.ToJsonString(), StringComparison.Ordinal);

            await cluster.Admin.PatchAsync(Agents, ns, "ranker", """{"spec": {"slo": {"latency": {"target": "20ms"}}}}""");
            await cluster.Admin.UntilAsync(Rules, ns, "ranker-slo", static r => r.ToJsonString().Contains("within 20ms", StringComparison.Ordinal));
        }

        var before = (await cluster.Admin.GetAsync(Rules, new(ns, "ranker-slo"), CancellationToken.None))!.ResourceVersion;
        await using (var again = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns))
        {
            // The agent is looked at: its Deployment comes back.
            await cluster.Admin.DeleteAsync(ResourceType.Deployments, new(ns, "ranker"), DeleteOptions.Default, CancellationToken.None);
            await cluster.Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
            Assert.Equal(before, (await cluster.Admin.GetAsync(Rules, new(ns, "ranker-slo"), CancellationToken.None))!.ResourceVersion);

            await cluster.Admin.PatchAsync(Agents, ns, "ranker", """{"spec": {"slo": null}}""");
            await cluster.Admin.UntilGoneAsync(Rules, ns, "ranker-slo");
        }
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_rule_of_somebody_else_is_left_alone()
    {
        await InstallKindAsync();
        var ns = await cluster.NewNamespaceAsync();
        var theirs = Written.Json($$"""{"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": {"name": "ranker-slo", "namespace": "{{ns}}"}, "spec": {"groups": []} }""");
        await cluster.Admin.CreateAsync(Rules, theirs, CancellationToken.None);
        var log = new TestLog();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns, log: log);

        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        await cluster.Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        await UntilAsync(() => log.Lines.Any(static line => line.Contains("belongs to somebody else", StringComparison.Ordinal)), "nothing was said");

        var live = await cluster.Admin.GetAsync(Rules, new(ns, "ranker-slo"), CancellationToken.None);
        Assert.Empty(live!.Value["spec"]!["groups"]!.AsArray());
    }

    /// <summary>The Prometheus operator's kind, whatever is in it.</summary>
    private async Task InstallKindAsync()
    {
        await cluster.Admin.ApplyAsync(
            Resource.Untyped(ResourceType.CustomResourceDefinitions),
            Written.Json("""
                {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "prometheusrules.monitoring.coreos.com"},
                 "spec": {"group": "monitoring.coreos.com", "scope": "Namespaced", "names": {"kind": "PrometheusRule", "plural": "prometheusrules"},
                  "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true} } }]} }
                """),
            new ApplyOptions("test", Force: true),
            CancellationToken.None);
        using var patience = Patience.Start();
        while (!await cluster.Admin.Discovery.ServesAsync(PrometheusRuleManifest.Type, patience.Token))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token);
        }
    }
}
