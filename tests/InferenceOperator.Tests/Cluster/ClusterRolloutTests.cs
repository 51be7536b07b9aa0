using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>Both sides of a roll-out as objects of a real API server; the test plays the Deployments' controller and the kubelet.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class ClusterRolloutTests(AgentClusterFixture cluster)
{
    private const string Spec = """ "slo": {"latency": {"target": "50ms"}}, "scaling": {"replicas": 1} """;
    private const string OtherTemplate = """{"spec": {"template": {"env": [{"name": "LOG", "value": "debug"}]}}}""";

    [ServerFact(Server.KubeApiServer)]
    public async Task A_new_template_gets_a_Deployment_of_one_replica_beside_the_old_one_whose_pods_stay_and_which_one_Service_selects()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        var old = await ServingAsync(ns);

        var canary = await RolledOutAsync(ns);

        var side = (string)canary.Value["spec"]!["selector"]!["matchLabels"]!["inferenceoperator.io/side"]!;
        Assert.Equal(($"ranker-{side}", 1), (canary.Key.Name, (int)canary.Value["spec"]!["replicas"]!));
        Assert.Equal(side, (string?)canary.Value["spec"]!["template"]!["metadata"]!["labels"]!["inferenceoperator.io/side"]);
        Assert.Equal("debug", (string?)Container(canary.Value)["env"]!.AsArray().Single(static v => (string?)v!["name"] == "LOG")!["value"]);
        var now = await GetAsync(Deployments, ns, "ranker");
        Assert.Equal(old.Value["spec"]!.ToJsonString(), now.Value["spec"]!.ToJsonString());
        var selector = (await GetAsync(Services, ns, "ranker")).Value["spec"]!["selector"]!.AsObject();
        Assert.All(selector, label => Assert.Equal((string?)label.Value, (string?)canary.Value["spec"]!["template"]!["metadata"]!["labels"]![label.Key]));
        Assert.False(selector.ContainsKey("inferenceoperator.io/side"));
        Assert.NotNull(await cluster.Admin.GetAsync(ConfigMaps, new(ns, $"ranker-{side}-settings"), CancellationToken.None));
        var agent = await cluster.Admin.UntilConditionAsync(ns, "ranker", "Reconciling", "True", "RollingOut");
        Assert.Equal(("Canary", side), ((string?)agent.Value["status"]!["rollout"]!["phase"], (string?)agent.Value["status"]!["rollout"]!["to"]));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task An_operator_that_restarts_in_the_middle_goes_on_and_the_old_template_again_ends_it_without_a_trace()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using (await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns))
        {
            await ServingAsync(ns);
            await RolledOutAsync(ns);
            await cluster.Admin.UntilConditionAsync(ns, "ranker", "Reconciling", "True", "RollingOut");
        }

        var canary = (await DeploymentsAsync(ns)).Single(static d => d.Key.Name != "ranker");
        var since = (string?)(await GetAsync(Agents, ns, "ranker")).Value["status"]!["rollout"]!["since"];
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await AddPodAsync(ns, "canary-1", canary.Key.Name["ranker-".Length..]);
        var seen = await cluster.Admin.UntilAsync(Agents, ns, "ranker", static a => (string?)a["status"]?["rollout"]?["phase"] == "Canary" && (int)a["status"]!["readyReplicas"]! == 2);
        Assert.Equal((since, 2), ((string?)seen.Value["status"]!["rollout"]!["since"], (await DeploymentsAsync(ns)).Count));

        await cluster.Admin.PatchAsync(Agents, ns, "ranker", """{"spec": {"template": null}}""");

        await cluster.Admin.UntilGoneAsync(Deployments, ns, canary.Key.Name);
        await cluster.Admin.UntilGoneAsync(ConfigMaps, ns, canary.Key.Name + "-settings");
        await cluster.Admin.UntilAsync(Agents, ns, "ranker", static a => a["status"]?["rollout"] is null);
        Assert.Equal(1, (int)(await GetAsync(Deployments, ns, "ranker")).Value["spec"]!["replicas"]!);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_crash_loop_is_sent_back_with_the_pods_words_and_the_manifest_is_stalled()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await ServingAsync(ns);
        var canary = await RolledOutAsync(ns);
        var side = canary.Key.Name["ranker-".Length..];
        var pod = await AddPodAsync(ns, "canary-1", side);

        for (var fall = 0; fall < 3; fall++)
        {
            await cluster.Admin.UntilAsync(Agents, ns, "ranker", static a => (int)a["status"]!["readyReplicas"]! == 2);
            await cluster.Admin.PatchStatusAsync(Pods, new(ns, pod), Written.Json("""
                {"status": {"conditions": [{"type": "Ready", "status": "False"}], "containerStatuses": [{"name": "runtime", "ready": false, "restartCount": 1, "image": "i", "imageID": "",
                  "state": {"waiting": {"reason": "CrashLoopBackOff"} }, "lastState": {"terminated": {"exitCode": 1, "message": "no such operator: Frobnicate"} } }]} }
                """), "test", CancellationToken.None);
            await cluster.Admin.UntilAsync(Agents, ns, "ranker", static a => (int)a["status"]!["readyReplicas"]! == 1);
            if (fall < 2)
            {
                await cluster.Admin.PatchStatusAsync(Pods, new(ns, pod), Written.ReadyStatus(TimeProvider.System.GetUtcNow()), "test", CancellationToken.None);
            }
        }

        await cluster.Admin.UntilGoneAsync(Deployments, ns, canary.Key.Name);
        var agent = await cluster.Admin.UntilConditionAsync(ns, "ranker", "Stalled", "True", "RolledBack");
        Assert.Contains("Frobnicate", (string?)agent.Value["status"]!["rollout"]!["reason"], StringComparison.Ordinal);
        Assert.Equal("RolledBack", (string?)agent.Value["status"]!["rollout"]!["phase"]);
        Assert.Equal("True", (string?)Condition(agent.Value, "Ready")!["status"]);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task With_the_strategy_Immediate_the_Deployment_is_changed_in_place()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await ServingAsync(ns, Spec + """, "rollout": {"strategy": "Immediate"} """);

        await cluster.Admin.PatchAsync(Agents, ns, "ranker", OtherTemplate);

        await cluster.Admin.UntilAsync(Deployments, ns, "ranker", static d => Container(d)["env"]!.AsArray().Any(static v => (string?)v!["name"] == "LOG"));
        await cluster.Admin.UntilAsync(Agents, ns, "ranker", static a => (string?)a["status"]?["rollout"]?["phase"] == "Promoted");
        Assert.Single(await DeploymentsAsync(ns));
    }

    private async Task<ApiObject<JsonObject>> ServingAsync(string ns, string spec = Spec)
    {
        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "ranker", spec));
        await cluster.Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        await AddPodAsync(ns, "ranker-1", side: null);
        await cluster.Admin.UntilConditionAsync(ns, "ranker", "Ready", "True", "Serving");
        return await GetAsync(Deployments, ns, "ranker");
    }

    private async Task<ApiObject<JsonObject>> RolledOutAsync(string ns)
    {
        await cluster.Admin.PatchAsync(Agents, ns, "ranker", OtherTemplate);
        var agent = await cluster.Admin.UntilAsync(Agents, ns, "ranker", static a => (string?)a["status"]?["rollout"]?["phase"] == "Canary");
        return await GetAsync(Deployments, ns, "ranker-" + (string?)agent.Value["status"]!["rollout"]!["to"]);
    }

    private async Task<string> AddPodAsync(string ns, string name, string? side)
    {
        var pod = Written.Pod(ns, name, "ranker");
        if (side is not null)
        {
            pod["metadata"]!["labels"]!["inferenceoperator.io/side"] = side;
        }

        await cluster.Admin.CreateAsync(Pods, pod, CancellationToken.None);
        await cluster.Admin.PatchStatusAsync(Pods, new(ns, name), Written.ReadyStatus(TimeProvider.System.GetUtcNow()), "test", CancellationToken.None);
        return name;
    }

    private async Task<ApiObject<JsonObject>> GetAsync(Resource<JsonObject> resource, string ns, string name) =>
        await cluster.Admin.GetAsync(resource, new(ns, name), CancellationToken.None) ?? throw new InvalidOperationException($"there is no {name}");

    private async Task<IReadOnlyList<ApiObject<JsonObject>>> DeploymentsAsync(string ns) =>
        (await cluster.Admin.ListAsync(Deployments, new ResourceScope { Namespace = ns }, CancellationToken.None)).Items;
}
