using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Transport;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using Xunit.Abstractions;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>The operator on a real API server when things go wrong on the way to it, in it, or in the operator: nothing is lost, doubled or scaled down.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class TroubleTests(AgentClusterFixture cluster, ITestOutputHelper output)
{
    private const int Count = 8;
    private const int Replicas = 3;

    [ServerFact(Server.KubeApiServer)]
    public Task A_tenth_of_all_requests_fails_or_loses_its_answer() => SurvivesAsync(new TroublePlan(Share: 0.1), static () => Task.CompletedTask);

    [ServerFact(Server.KubeApiServer)]
    public Task Watches_are_cut_every_second_wherever_they_are() => SurvivesAsync(new TroublePlan(WatchesLiveSeconds: 1), static () => Task.CompletedTask);

    [ServerFact(Server.KubeApiServer)]
    public Task The_API_server_is_slow_and_refuses() => SurvivesAsync(new TroublePlan(Share: 0.05, DelaySecondsMax: 1), static () => Task.CompletedTask);

    [ServerFact(Server.KubeApiServer)]
    public Task The_API_server_is_killed_and_comes_back() => SurvivesAsync(new TroublePlan(), () => cluster.Server.RestartAsync(CancellationToken.None));

    [ServerFact(Server.KubeApiServer)]
    public Task Etcd_is_killed_and_comes_back() => SurvivesAsync(new TroublePlan(), () => cluster.Server.RestartEtcdAsync(CancellationToken.None));

    [ServerFact(Server.KubeApiServer)]
    public async Task The_operator_is_killed_at_any_write_and_the_next_one_finishes_what_it_began()
    {
        const int Crashes = 20;
        var ns = await cluster.NewNamespaceAsync();
        await using var witness = new Witness(cluster.Admin, ns);
        var random = new Random(85);
        for (var crash = 0; crash < Crashes; crash++)
        {
            var (seed, write, name) = (random.Next(), 1 + (crash % 5), $"ranker-{crash}");
            output.WriteLine($"crash {crash}: seed {seed}, at write {write}");
            await cluster.Admin.CreateAgentAsync(Agent(ns, name));
            Trouble? trouble = null;
            await using (OperatorUnderTest.Launch(
                cluster.Server.AdminKubeconfig, ns, connect: config => trouble = new Trouble(ConnectionHandlers.For(config), seed) { DiesAtWrite = write }))
            {
                await UntilAsync(() => trouble!.HasDied, $"seed {seed}: it does not come to write {write}");
            }

            await using var next = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
            await UntilCompleteAsync(ns, name);
        }

        Assert.Empty(witness.Breaches);
        Assert.Equal(Crashes, (await cluster.Admin.ListAsync(Deployments, ResourceScope.In(ns), CancellationToken.None)).Items.Length);
    }

    private async Task SurvivesAsync(TroublePlan plan, Func<Task> strike)
    {
        const int Seed = 86;
        var ns = await cluster.NewNamespaceAsync();
        await using var witness = new Witness(cluster.Admin, ns);
        Trouble? trouble = null;
        await using var running = OperatorUnderTest.Launch(cluster.Server.AdminKubeconfig, ns, connect: config => trouble = new Trouble(ConnectionHandlers.For(config), Seed)
        {
            Share = plan.Share,
            DelayMax = TimeSpan.FromSeconds(plan.DelaySecondsMax),
            WatchesLive = TimeSpan.FromSeconds(plan.WatchesLiveSeconds),
        });
        for (var i = 0; i < Count; i++)
        {
            await cluster.Admin.CreateAgentAsync(Agent(ns, $"ranker-{i}"));
            if (i == Count / 2)
            {
                await strike();
            }
        }

        for (var i = 0; i < Count; i++)
        {
            await UntilCompleteAsync(ns, $"ranker-{i}");
        }

        // Changes arrive as well, and what others undo comes back.
        await cluster.Admin.PatchAsync(Agents, ns, "ranker-0", """{"spec": {"scaling": {"replicas": 5}}}""");
        await cluster.Admin.UntilAsync(Deployments, ns, "ranker-0", static d => (int)d["spec"]!["replicas"]! == 5);
        await cluster.Admin.DeleteAsync(ResourceType.Services, new(ns, "ranker-1"), DeleteOptions.Default, CancellationToken.None);
        await cluster.Admin.UntilAsync(Services, ns, "ranker-1", static _ => true);
        trouble!.End();
        output.WriteLine($"seed {Seed}: something went wrong {trouble.Made} times");
        Assert.True(trouble.Made > 0 || plan == new TroublePlan());
        Assert.Empty(witness.Breaches);
        Assert.Equal(Count, (await cluster.Admin.ListAsync(Deployments, ResourceScope.In(ns), CancellationToken.None)).Items.Length);
    }

    private async Task UntilCompleteAsync(string ns, string name)
    {
        await cluster.Admin.UntilAsync(Deployments, ns, name, static d => (int)d["spec"]!["replicas"]! == Replicas);
        await cluster.Admin.UntilAsync(Services, ns, name, static _ => true);
        await cluster.Admin.UntilAsync(ConfigMaps, ns, $"{name}-settings", static _ => true);
        await cluster.Admin.UntilAsync(Secrets, ns, $"{name}-admin", static _ => true);
        await cluster.Admin.UntilAsync(Agents, ns, name, static a => a["status"]?["observedGeneration"] is not null);
    }

    private static JsonObject Agent(string ns, string name) =>
        Written.Agent(ns, name, $$""" "slo": {"latency": {"target": "50ms"} }, "scaling": {"minReplicas": {{Replicas}}, "maxReplicas": 6} """);
}
