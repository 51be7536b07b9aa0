using InferenceOperator.Cluster.Serving;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Leases;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>Several operators on one API server.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class ReplicasOfTheOperatorTests(AgentClusterFixture cluster)
{
    [ServerFact(Server.KubeApiServer)]
    public async Task Only_the_leader_writes_and_the_other_takes_over_where_it_left()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var first = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns, leases: Leases(ns, "first"));
        await UntilAsync(() => first.Metric(OperatorMetrics.ShardsHeld) > 0, "nobody leads");
        await using var second = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns, leases: Leases(ns, "second"));
        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        await cluster.Admin.UntilAsync(Agents, ns, "ranker", static a => a["status"]?["observedGeneration"] is not null);
        Assert.Equal(0, second.Writes);
        Assert.Null(second.Operator.NotReadyBecause);

        await first.DisposeAsync();
        await cluster.Admin.DeleteAsync(ResourceType.Services, new(ns, "ranker"), DeleteOptions.Default, CancellationToken.None);

        await cluster.Admin.UntilAsync(Services, ns, "ranker", static _ => true);
        Assert.Equal(1, second.Metric(OperatorMetrics.ShardsHeld));
        Assert.Equal(1, second.Metric(OperatorMetrics.Agents));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Shards_divide_the_agents_and_each_agent_is_worked_on_by_one()
    {
        const int Count = 12;
        var ns = await cluster.NewNamespaceAsync();
        for (var i = 0; i < Count; i++)
        {
            await cluster.Admin.CreateAgentAsync(Written.Agent(ns, $"ranker-{i}"));
        }

        await using var first = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns, leases: Leases(ns, "first", shards: 4));
        await using var second = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns, leases: Leases(ns, "second", shards: 4));

        await UntilAsync(() => first.Metric(OperatorMetrics.ShardsHeld) == 2 && second.Metric(OperatorMetrics.ShardsHeld) == 2, "the shards were not divided");
        await UntilAsync(() => first.Metric(OperatorMetrics.Agents) + second.Metric(OperatorMetrics.Agents) == Count, "the agents were not divided");
        Assert.True(first.Metric(OperatorMetrics.Agents) > 0 && second.Metric(OperatorMetrics.Agents) > 0);
        for (var i = 0; i < Count; i++)
        {
            await cluster.Admin.UntilAsync(Deployments, ns, $"ranker-{i}", static _ => true);
            await UntilAsync(
                () => (first.Operator.Decisions($"{ns}/ranker-{i}") is null) != (second.Operator.Decisions($"{ns}/ranker-{i}") is null), $"not one decides for ranker-{i}");
        }
    }

    private static LeaseOptions Leases(string ns, string identity, int shards = 1) => new() { Namespace = ns, Group = "inference-operator", Identity = identity, Shards = shards };
}
