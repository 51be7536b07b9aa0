using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Kubernetes;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Children;
using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>What an agent gets beside its replicas, and what becomes of it, on a real API server.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class ChildrenTests(AgentClusterFixture cluster)
{
    private static readonly ResourceType PodMonitors = ChildKind.PodMonitor.Versions()[0];

    private KubernetesClient Admin => cluster.Admin;

    [ServerFact(Server.KubeApiServer)]
    public async Task An_agent_gets_an_account_a_policy_and_a_budget_and_loses_what_it_says_it_can_do_without()
    {
        var ns = await cluster.NewNamespaceAsync();
        var budgets = Resource.Untyped((await Admin.Discovery.FirstServedAsync(ChildKind.PodDisruptionBudget.Versions(), CancellationToken.None))!); // Every server has one of them.
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));

        var deployment = await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        var account = await Admin.UntilAsync(ServiceAccounts, ns, "ranker", static _ => true);
        var policy = await Admin.UntilAsync(NetworkPolicies, ns, "ranker", static _ => true);
        var budget = await Admin.UntilAsync(budgets, ns, "ranker", static _ => true);
        var headless = await Admin.UntilAsync(Services, ns, "ranker-headless", static _ => true);
        Assert.False((bool)account.Value["automountServiceAccountToken"]!);
        Assert.Equal("ranker", (string?)deployment.Value["spec"]!["template"]!["spec"]!["serviceAccountName"]);
        Assert.Equal("10%", (string?)budget.Value["spec"]!["maxUnavailable"]);
        Assert.Equal("None", (string?)headless.Value["spec"]!["clusterIP"]);
        Assert.Equal([8000, 8001, 8002], policy.Value["spec"]!["ingress"]![0]!["ports"]!.AsArray().Select(static p => (int)p!["port"]!));
        Assert.Equal([8003], policy.Value["spec"]!["ingress"]![1]!["ports"]!.AsArray().Select(static p => (int)p!["port"]!));

        await Admin.PatchAsync(NetworkPolicies, ns, "ranker", """{"spec": {"ingress": [{}]}}""");
        await Admin.UntilAsync(NetworkPolicies, ns, "ranker", static p => p["spec"]!["ingress"]!.AsArray().Count == 2);

        await Admin.PatchAsync(Agents, ns, "ranker", """{"spec": {"children": {"podDisruptionBudget": false, "networkPolicy": false}}}""");
        await Admin.UntilGoneAsync(budgets, ns, "ranker");
        await Admin.UntilGoneAsync(NetworkPolicies, ns, "ranker");
        var after = await Admin.GetAsync(Deployments, new(ns, "ranker"), CancellationToken.None);
        Assert.Equal(deployment.Value["spec"]!["template"]!.ToJsonString(), after!.Value["spec"]!["template"]!.ToJsonString());
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_name_that_is_taken_is_said_and_holds_the_pods_up_only_where_they_need_it()
    {
        var ns = await cluster.NewNamespaceAsync();
        await Admin.CreateAsync(
            Services, Written.Json($$"""{"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "{{ns}}", "name": "ranker-headless"}, "spec": {"ports": [{"port": 1}]} }"""), CancellationToken.None);
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);

        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));

        await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        var stalled = await Admin.UntilConditionAsync(ns, "ranker", "Stalled", "True", "ApplyFailed");
        Assert.Contains($"Service {ns}/ranker-headless exists and does not belong to this InferenceAgent", (string?)Condition(stalled.Value, "Stalled")!["message"], StringComparison.Ordinal);
        await Admin.DeleteAsync(ResourceType.Services, new(ns, "ranker-headless"), DeleteOptions.Default, CancellationToken.None);
        await Admin.UntilConditionAsync(ns, "ranker", "Stalled", "False", "Progressing");
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_template_s_directives_survive_the_api_server()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);

        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker", """
            "template": {"env": [{"name": "POD_NAME", "$patch": "delete"}, {"name": "A", "value": "1"}], "topologySpreadConstraints": [{"$patch": "replace"}], "containers": [{"name": "runtime", "tty": true}]}
            """));

        var pod = (await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true)).Value["spec"]!["template"]!["spec"]!;
        Assert.Equal(["A"], pod["containers"]![0]!["env"]!.AsArray().Select(static e => (string?)e!["name"]));
        Assert.True((bool)pod["containers"]![0]!["tty"]!);
        Assert.Null(pod["topologySpreadConstraints"]);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_pod_monitor_is_made_once_the_cluster_has_that_kind()
    {
        using var patience = Patience.Start();
        await using var server = await KubeApiServer.StartAsync([], patience.Token);
        using var admin = AgentClusterFixture.Connect(server.AdminKubeconfig);
        await AgentClusterFixture.InstallAsync(admin);
        var clock = new SimulatedClock(TimeProvider.System.GetUtcNow());
        await using var running = await OperatorUnderTest.StartAsync(server.AdminKubeconfig, "default", clock);
        await admin.CreateAgentAsync(Written.Agent("default", "ranker"));
        await admin.UntilAsync(Deployments, "default", "ranker", static _ => true);

        await admin.CreateAsync(Resource.Untyped(ResourceType.CustomResourceDefinitions), Written.Json("""
            {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "podmonitors.monitoring.coreos.com"},
             "spec": {"group": "monitoring.coreos.com", "scope": "Namespaced", "names": {"kind": "PodMonitor", "listKind": "PodMonitorList", "plural": "podmonitors", "singular": "podmonitor"},
              "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true} } }]} }
            """), patience.Token);
        var monitors = Resource.Untyped(PodMonitors);
        while (!await admin.Discovery.ServesAsync(PodMonitors, patience.Token) || await admin.GetAsync(monitors, new("default", "ranker"), patience.Token) is null)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }

        var monitor = await admin.GetAsync(monitors, new("default", "ranker"), patience.Token);
        Assert.Equal("metrics", (string?)monitor!.Value["spec"]!["podMetricsEndpoints"]![0]!["port"]);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task An_upgrade_of_the_operator_writes_to_no_pod_template()
    {
        var ns = await cluster.NewNamespaceAsync();
        var before = new Dictionary<string, JsonNode>();
        foreach (var (file, i) in ReleasedFixture.All().Select(static (file, i) => (file, i)))
        {
            var (fixture, name) = (ReleasedFixture.Read(file), $"agent-{i}");
            var manifest = Renamed(fixture.Agent, ns, name, uid: null);
            manifest["metadata"]!.AsObject().Remove("uid");
            var agent = await Admin.CreateAgentAsync(manifest);
            foreach (var child in fixture.Children)
            {
                var type = await Admin.Discovery.FindAsync(GroupVersionKind.From((string)child["apiVersion"]!, (string)child["kind"]!), CancellationToken.None);
                await Admin.ApplyAsync(Resource.Untyped(type!), Renamed(child, ns, name, agent.Uid), new("inference-operator", Force: true), CancellationToken.None); // Every server has them.
            }

            // What the released version put there of the token's digest belongs to this token.
            var read = Written.Read(Renamed(fixture.Agent, ns, name, agent.Uid));
            read = read with { Metadata = read.Metadata with { Uid = agent.Uid } };
            await Admin.CreateAsync(Secrets, SecretManifest.Render(read, LongToken), CancellationToken.None);
            await Admin.PatchAsync(Deployments, ns, name, $$$"""{"spec": {"template": {"metadata": {"annotations": {"{{{ChildLabels.AdminTokenDigest}}}": "{{{ChildPlan.DigestOf(LongToken)}}}"} } } } }""", "inference-operator");
            before[name] = (await Admin.GetAsync(Deployments, new(ns, name), CancellationToken.None))!.Value["spec"]!["template"]!;
        }

        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns, children: new() { Image = "inference-runtime:of-another-version", OperatorNamespace = "inference-operator" });

        foreach (var (name, template) in before)
        {
            var upgraded = await Admin.UntilAsync(Deployments, ns, name, static d => (string?)d["metadata"]?["annotations"]?[ChildLabels.Rendering] == "1");
            Assert.Equal(template.ToJsonString(), upgraded.Value["spec"]!["template"]!.ToJsonString());
        }
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task All_that_is_made_for_an_agent_belongs_to_it()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);

        var agent = await Admin.CreateAgentAsync(Written.Agent(ns, "ranker", """ "slo": {"latency": {"target": "50ms"}}, "serving": {"cache": {"policy": "SIEVE"}} """));
        await Admin.UntilAsync(Agents, ns, "ranker", static a => a["status"]?["observedGeneration"] is not null);
        await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);

        var found = new List<string>();
        foreach (var type in ChildKinds.All.SelectMany(static kind => kind.Versions()).Append(ResourceType.Secrets))
        {
            if (await Admin.Discovery.ServesAsync(type, CancellationToken.None))
            {
                foreach (var child in (await Admin.ListAsync(Resource.Untyped(type), ResourceScope.In(ns), CancellationToken.None)).Items)
                {
                    Assert.True(OwnerReference.ControllerUid(child.Value) == agent.Uid, $"{type} {child.Key} would be left when its agent goes");
                    found.Add(type.Kind);
                }
            }
        }

        Assert.Equal(["ConfigMap", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "Secret", "Service", "Service", "Service", "ServiceAccount"], found.Order());
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Nothing_comes_back_of_an_agent_that_is_being_deleted()
    {
        var ns = await cluster.NewNamespaceAsync();
        var manifest = Written.Agent(ns, "ranker");
        manifest["metadata"]!["finalizers"] = new JsonArray("test.example/hold");
        await using (var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns))
        {
            await Admin.CreateAgentAsync(manifest);
            await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
            await Admin.DeleteAsync(Agents.Type, new(ns, "ranker"), DeleteOptions.Default, CancellationToken.None);
            await UntilAsync(() => running.Metric(InferenceOperator.Cluster.Serving.OperatorMetrics.Agents) == 0, "the agent's loop did not end");
            await Admin.DeleteAsync(ResourceType.Services, new(ns, "ranker"), DeleteOptions.Default, CancellationToken.None);
            await Admin.DeleteAsync(ResourceType.Deployments, new(ns, "ranker"), DeleteOptions.Default, CancellationToken.None);
        }

        await using var restarted = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "second"));
        await Admin.UntilAsync(Agents, ns, "second", static a => a["status"]?["observedGeneration"] is not null);

        Assert.Null(await Admin.GetAsync(Services, new(ns, "ranker"), CancellationToken.None));
        Assert.Null(await Admin.GetAsync(Deployments, new(ns, "ranker"), CancellationToken.None));
        await Admin.PatchAsync(Agents, ns, "ranker", """{"metadata": {"finalizers": null}}""");
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_change_counts_as_done_only_when_what_runs_follows_it()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        var created = await Admin.CreateAgentAsync(Written.Agent(ns, "ranker", """ "rollout": {"strategy": "Immediate"} """));
        Assert.Equal("Unknown", (string?)Condition(created.Value, "Ready")!["status"]);
        await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        await Admin.CreateAsync(Pods, Written.Pod(ns, "ranker-1", "ranker"), CancellationToken.None);
        await Admin.PatchStatusAsync(Pods, new(ns, "ranker-1"), Written.ReadyStatus(TimeProvider.System.GetUtcNow()), "kubelet", CancellationToken.None);
        await Admin.UntilConditionAsync(ns, "ranker", "Reconciling", "False", "Settled");

        // The Deployment's controller has not looked yet; then it has replaced one of two.
        await Admin.PatchStatusAsync(Deployments, new(ns, "ranker"), Written.Json("""{"status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1}}"""), "controller", CancellationToken.None);
        await Admin.PatchAsync(Agents, ns, "ranker", """{"spec": {"template": {"nodeSelector": {"zone": "a"}}}}""");

        var changed = await Admin.UntilAsync(Agents, ns, "ranker", static a => (int?)a["status"]?["observedGeneration"] == 2);
        Assert.Equal("True", (string?)Condition(changed.Value, "Reconciling")!["status"]);
        await Admin.UntilConditionAsync(ns, "ranker", "Reconciling", "True", "RollingOut");
        var generation = (await Admin.GetAsync(Deployments, new(ns, "ranker"), CancellationToken.None))!.Value["metadata"]!["generation"]!.ToJsonString();
        await Admin.PatchStatusAsync(Deployments, new(ns, "ranker"), Written.Json($$$"""{"status": {"observedGeneration": {{{generation}}}, "replicas": 1, "updatedReplicas": 1} }"""), "controller", CancellationToken.None);
        await Admin.UntilConditionAsync(ns, "ranker", "Reconciling", "False", "Settled");
    }

    private const string LongToken = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    private static JsonObject Renamed(JsonObject manifest, string ns, string name, string? uid)
    {
        var text = manifest.ToJsonString()
            .Replace("\"ads/ranker\"", $"\"{ns}/{name}\"", StringComparison.Ordinal)
            .Replace("\"ads\"", $"\"{ns}\"", StringComparison.Ordinal)
            .Replace("\"ranker", $"\"{name}", StringComparison.Ordinal);
        return Written.Json(uid is null ? text : text.Replace("11111111-2222-3333-4444-555555555555", uid, StringComparison.Ordinal));
    }
}
