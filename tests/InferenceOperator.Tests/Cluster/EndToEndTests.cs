using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Leases;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using InferenceOperator.Tests.Cluster.Kit.Nodes;
using InferenceOperator.Tests.Local;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>A whole cluster of one node: API server, controllers, kubelet and real replicas, and clients of the Service who count what they lose.</summary>
/// <remarks>The cluster is its own: the other tests play the controllers themselves.</remarks>
[Collection(AgentClusterCollection.Name)]
public sealed class EndToEndTests
{
    private const int Seed = 20261121;
    private const string Ns = "default";

    [ServerFact(Server.KubeControllerManager)]
    public async Task An_agent_lives_from_apply_to_delete_and_no_request_is_lost()
    {
        using var log = new TestLog();
        using var patience = Patience.Start();
        await using var server = await KubeApiServer.StartAsync([], patience.Token);
        using var client = AgentClusterFixture.Connect(server.AdminKubeconfig);
        await AgentClusterFixture.InstallAsync(client);
        await server.StartControllersAsync(patience.Token);
        using var models = new ModelsFolder();
        var options = new TestNodeOptions
        {
            Claims = new Dictionary<string, string> { ["models"] = models.Path },
            Log = line => log.Log(Microsoft.Extensions.Logging.LogLevel.Information, default, line, null, static (text, _) => text),
        };
        await using var node = await TestNode.StartAsync(client, server.NewAdminClient(), options);
        await using var first = await OperatorUnderTest.StartAsync(server.AdminKubeconfig, Ns, leases: Leases("first"), log: log);

        // Apply and become ready.
        const string Spec = """
            "slo": {"latency": {"target": "1s"}}, "scaling": {"minReplicas": 2, "maxReplicas": 3}, "batching": {"maxSize": 16},
            "template": {"resources": {"limits": {"cpu": "1"}}}
            """;
        await client.CreateAgentAsync(Written.Agent(Ns, "digits", Spec));
        await UntilReadyAsync(client, 2);

        // Load, and scale up. (That load itself raises replicas is proved where the machine's own speed decides nothing: on the simulated clock, and in ReplicaTests.)
        await using var load = new ServiceLoad(client, new(Ns, "digits"), clients: 4, Seed);
        await load.UntilAnsweredAsync(100);
        await client.PatchAsync(Agents, Ns, "digits", """{"spec": {"scaling": {"minReplicas": 3}}}""");
        await UntilReadyAsync(client, 3);

        // Retune: pods stay.
        var before = await PodsAsync(client);
        var settings = await client.GetAsync(ConfigMaps, new(Ns, "digits-settings"), CancellationToken.None);
        await client.PatchAsync(Agents, Ns, "digits", """{"spec": {"batching": {"maxSize": 32}, "slo": {"latency": {"target": "2s"}}}}""");
        await client.UntilAsync(ConfigMaps, Ns, "digits-settings", c => !JsonNode.DeepEquals(c["data"], settings!.Value["data"])); // It is there since the first apply.
        await load.UntilAnsweredAsync(100);
        Assert.Subset(before.Keys.ToHashSet(), (await PodsAsync(client)).Keys.ToHashSet());

        // The operator is replaced: the old one leaves in order and writes what it learned, the new one need not wait for the Lease to run out.
        await first.DisposeAsync();
        Assert.NotNull(await client.GetAsync(ConfigMaps, new(Ns, "digits-learned"), CancellationToken.None));
        await using var second = await OperatorUnderTest.StartAsync(server.AdminKubeconfig, Ns, leases: Leases("second"), log: log);
        await load.UntilAnsweredAsync(100);

        // Roll out: every pod is another one.
        await client.PatchAsync(Agents, Ns, "digits", """{"spec": {"rollout": {"strategy": "Immediate"}, "template": {"env": [{"name": "ROLLED", "value": "out"}]}}}""");
        await UntilAsync(() => PodsAsync(client).Result is { Count: > 0 } pods && !pods.Keys.Intersect(before.Keys).Any() && pods.Values.All(static ready => ready), "the old pods did not go");
        await load.UntilAnsweredAsync(100);

        // Shadowing: a model that answers otherwise goes back, one that agrees takes over.
        await client.PatchAsync(Agents, Ns, "digits", """{"spec": {"slo": null, "model": {"uri": "pvc://models/other.onnx"}, "rollout": {"strategy": "Gated", "shadow": {"percent": 100, "minAgreement": "0.9"}}}}""");
        await client.UntilAsync(Agents, Ns, "digits", static a => (string?)a["status"]?["rollout"]?["phase"] == "Canary");
        var back = await client.UntilAsync(Agents, Ns, "digits", static a => (string?)a["status"]?["rollout"]?["phase"] == "RolledBack");
        Assert.Contains("its answers differed from the old revision's in 100 % of ", (string?)back.Value["status"]!["rollout"]!["reason"], StringComparison.Ordinal);
        await client.PatchAsync(Agents, Ns, "digits", """{"spec": {"model": {"uri": "pvc://models/equal.onnx"}}}""");
        await client.UntilAsync(Agents, Ns, "digits", static a => (string?)a["status"]?["rollout"]?["phase"] == "Canary");
        await client.UntilAsync(Agents, Ns, "digits", static a => (a["status"]?["rollout"]?["evidence"] as JsonArray)?.Any(static e => (string?)e!["measure"] == "Agreement" && (int?)e["newBad"] == 0) == true);
        await client.UntilAsync(Agents, Ns, "digits", static a => (string?)a["status"]?["rollout"]?["phase"] == "Promoted");
        await UntilReadyAsync(client, 3);
        await load.UntilAnsweredAsync(100);

        // A node is drained: its pods are evicted one after another.
        using var admin = server.NewAdminClient();
        var evicted = await PodsAsync(client);
        foreach (var pod in (await client.ListAsync(Pods, ResourceScope.In(Ns), CancellationToken.None)).Items.Where(p => evicted.ContainsKey(p.Uid)))
        {
            await EvictAsync(admin, pod);
        }

        await UntilAsync(() => PodsAsync(client).Result is { Count: > 0 } pods && !pods.Keys.Intersect(evicted.Keys).Any(), "the evicted pods did not go");
        await UntilReadyAsync(client, 3);
        await load.UntilAnsweredAsync(100);

        // Delete: all is gone.
        Assert.Empty(await load.StopAsync());
        await client.DeleteAsync(Agents.Type, new(Ns, "digits"), new(), CancellationToken.None);
        foreach (var (kind, name) in new[]
        {
            (Deployments, "digits"), (Services, "digits"), (Services, "digits-headless"), (ConfigMaps, "digits-settings"), (Secrets, "digits-admin"), (ServiceAccounts, "digits"), (NetworkPolicies, "digits"),
        })
        {
            await client.UntilGoneAsync(kind, Ns, name);
        }

        await UntilAsync(() => client.ListAsync(Pods, ResourceScope.In(Ns), CancellationToken.None).Result.Items.IsEmpty, "pods are left");
    }

    private static LeaseOptions Leases(string identity) => new() { Namespace = Ns, Group = "inference-operator", Identity = identity, Shards = 1 };

    /// <summary>Asks for the eviction of a pod until its budget allows it, as kubectl drain does.</summary>
    private static async Task EvictAsync(HttpClient admin, ApiObject<JsonObject> pod)
    {
        using var patience = Patience.Start();
        var eviction = new JsonObject
        {
            ["apiVersion"] = "policy/v1beta1", ["kind"] = "Eviction", ["metadata"] = new JsonObject { ["name"] = pod.Key.Name, ["namespace"] = pod.Key.Namespace },
        };
        while (true)
        {
            using var content = new StringContent(eviction.ToJsonString(), Encoding.UTF8, "application/json");
            using var answer = await admin.PostAsync($"/api/v1/namespaces/{pod.Key.Namespace}/pods/{pod.Key.Name}/eviction", content, patience.Token);
            if (answer.StatusCode is not System.Net.HttpStatusCode.TooManyRequests)
            {
                Assert.True(answer.IsSuccessStatusCode || answer.StatusCode is System.Net.HttpStatusCode.NotFound, await answer.Content.ReadAsStringAsync(patience.Token));
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, patience.Token);
        }
    }

    private static Task<ApiObject<JsonObject>> UntilReadyAsync(KubernetesClient client, int replicas) => client.UntilAsync(
        Agents, Ns, "digits", a => Condition(a, "Ready") is { } ready && (string?)ready["status"] == "True" && (int?)a["status"]?["readyReplicas"] >= replicas);

    /// <summary>Pods that are to stay, by uid, and whether they are ready.</summary>
    private static async Task<Dictionary<string, bool>> PodsAsync(KubernetesClient client) => (await client.ListAsync(Pods, ResourceScope.In(Ns), CancellationToken.None)).Items
        .Where(static pod => pod.Value["metadata"]!["deletionTimestamp"] is null)
        .ToDictionary(static pod => pod.Uid, static pod => (pod.Value["status"]?["conditions"] as JsonArray)?.Any(static c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True") == true);

    /// <summary>What the claim holds: one model under two names, and one that answers otherwise.</summary>
    private sealed class ModelsFolder : IDisposable
    {
        public ModelsFolder()
        {
            foreach (var name in (string[])["digits-mlp.onnx", "equal.onnx"])
            {
                File.Copy(Repository.File("models", "digits-mlp.onnx"), System.IO.Path.Combine(Path, name));
            }

            SlowModel.Write(System.IO.Path.Combine(Path, "other.onnx"), products: 1);
        }

        public string Path { get; } = Directory.CreateTempSubdirectory("claim-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
