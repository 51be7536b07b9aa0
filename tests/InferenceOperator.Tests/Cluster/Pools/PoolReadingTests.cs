using System.Collections.Immutable;
using System.Text.Json;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Cluster.Pools;
using InferenceOperator.Control.Scarcity;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Scarcity;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Tests.Cluster.Pools;

public sealed class PoolReadingTests
{
    private const string Gpu = "nvidia.com/gpu";

    private static readonly ReplicaAsk Ranker = new()
    {
        Agent = "ads/ranker", Namespace = "ads", Resource = Gpu, GpusPerReplica = 1, MinReplicas = 1, Held = 1, Wanted = 4,
    };

    [Fact]
    public void Free_is_what_nodes_have_less_what_others_took()
    {
        var pods = new[] { Pod("web", "", "a", 2), Pod("ads", "ranker", "a", 1), Pod("ads", "other-agent", "b", 1), Pod("web", "", "", 4) };

        var pool = Assert.Single(PoolReading.Nodes(Gpu, Nodes(("a", 4, true), ("b", 2, true)), pods, [Ranker]));

        Assert.Equal(new GpuPool(Gpu, null, "nodes", 6, 3), pool);
    }

    [Fact]
    public void A_node_that_takes_no_more_pods_counts_with_what_agents_have_there()
    {
        var pods = new[] { Pod("web", "", "a", 2), Pod("ads", "ranker", "a", 1) };

        var pool = Assert.Single(PoolReading.Nodes(Gpu, Nodes(("a", 4, false), ("b", 2, true)), pods, [Ranker]));

        Assert.Equal(new GpuPool(Gpu, null, "nodes", 3, 0), pool);
    }

    [Fact]
    public void A_resource_that_no_node_offers_is_left_to_the_scheduler() =>
        Assert.Empty(PoolReading.Nodes(Gpu, Nodes(("a", 0, true)), [], [Ranker]));

    [Fact]
    public void A_quota_leaves_what_pods_of_others_in_its_namespace_do_not_take()
    {
        ApiObject<QuotaState>[] quotas = [Quota("ads", "gpus", """{"spec": {"hard": {"requests.nvidia.com/gpu": "5", "pods": "9"}}}"""), Quota("ads", "some", """{"spec": {"hard": {"requests.nvidia.com/gpu": "1"}, "scopes": ["BestEffort"]}}""")];

        var pool = Assert.Single(PoolReading.Quotas(Gpu, quotas, [Pod("ads", "", "", 2), Pod("ads", "ranker", "a", 1), Pod("web", "", "a", 9)], [Ranker]));

        Assert.Equal(new GpuPool(Gpu, "ads", "ResourceQuota ads/gpus", 5, 2), pool);
    }

    [Fact]
    public void A_ceiling_holds_what_replicas_of_agents_that_do_not_ask_yet_have()
    {
        var pools = PoolReading.Ceilings(Gpu, [new(Gpu, 8), new("other", 1)], [Pod("ads", "waiting", "a", 3), Pod("web", "", "a", 9)], [Ranker]);

        Assert.Equal(new GpuPool(Gpu, null, "--gpu-ceiling", 8, 3), Assert.Single(pools));
    }

    [Fact]
    public void What_is_lacking_of_a_device_is_told_from_the_nodes_and_the_pools()
    {
        NodeState[] nodes = [.. Nodes(("a", 4, true)).Values];

        Assert.Null(PoolReading.Lack(Gpu, nodes, [new(Gpu, null, "nodes", 4, 3)]));
        Assert.Equal(new(CapacityLackKind.NoFreeDevice, "all 2 nvidia.com/gpu of ResourceQuota ads/gpus are taken"), PoolReading.Lack(Gpu, nodes, [new(Gpu, null, "nodes", 4, 3), new(Gpu, "ads", "ResourceQuota ads/gpus", 2, 2)]));
        Assert.Equal(new(CapacityLackKind.NoSuchDevice, "no node offers nvidia.com/mig-1g.10gb, only nvidia.com/gpu"), PoolReading.Lack("nvidia.com/mig-1g.10gb", nodes, []));
        Assert.Equal(new(CapacityLackKind.NoSuchDevice, "no node offers nvidia.com/gpu"), PoolReading.Lack(Gpu, [.. Nodes(("a", 0, true)).Values], []));
    }

    [Theory]
    [InlineData("""{"containers": [{"resources": {"limits": {"nvidia.com/gpu": "2", "cpu": "4"}}}, {"resources": {"limits": {"nvidia.com/gpu": "1"}}}]}""", 3)]
    [InlineData("""{"containers": [{"resources": {"limits": {"nvidia.com/gpu": "1"}}}], "initContainers": [{"resources": {"limits": {"nvidia.com/gpu": "4"}}}]}""", 4)]
    [InlineData("""{"containers": [{"resources": {"limits": {"nvidia.com/gpu": "1"}}}], "initContainers": [{"restartPolicy": "Always", "resources": {"limits": {"nvidia.com/gpu": "4"}}}]}""", 5)]
    [InlineData("""{"containers": [{"resources": {"limits": {"cpu": "1"}}}, {}]}""", 0)]
    public void A_pod_takes_what_its_containers_take_together_or_its_largest_first_step(string spec, int gpus)
    {
        var pod = JsonSerializer.Deserialize($$"""{"metadata": {"name": "p", "namespace": "ads"}, "spec": {{spec}} }""", ClusterJson.Default.PodDevicesState)!; // An object.

        Assert.Equal(gpus, PodDevices.Of(pod)?.Counts[Gpu] ?? 0);
    }

    [Theory]
    [InlineData("nvidia.com/gpu")]
    [InlineData("=4")]
    [InlineData("nvidia.com/gpu=-1")]
    public void A_ceiling_that_is_none_is_refused(string text) =>
        Assert.Contains("RESOURCE=COUNT", Assert.Throws<FormatException>(() => GpuCeiling.Parse([text])).Message, StringComparison.Ordinal);

    [Fact]
    public void Ceilings_are_read_once_for_each_resource()
    {
        Assert.Equal<GpuCeiling>([new(Gpu, 8), new("nvidia.com/mig-1g.10gb", 0)], GpuCeiling.Parse(["nvidia.com/gpu=8", "nvidia.com/mig-1g.10gb=0"]));
        Assert.Throws<FormatException>(() => GpuCeiling.Parse(["nvidia.com/gpu=8", "nvidia.com/gpu=9"]));
    }

    private static PodDevices Pod(string ns, string agent, string node, int gpus) => new(ns, agent, node, ImmutableSortedDictionary<string, int>.Empty.Add(Gpu, gpus));

    private static Dictionary<string, NodeState> Nodes(params (string Name, int Gpus, bool TakesPods)[] nodes) => nodes.ToDictionary(
        static n => n.Name,
        static n => JsonSerializer.Deserialize(
            $$"""{"spec": {"unschedulable": {{(n.TakesPods ? "false" : "true")}} }, "status": {"allocatable": {"nvidia.com/gpu": "{{n.Gpus}}"}, "conditions": [{"type": "Ready", "status": "True"}]} }""",
            ClusterJson.Default.NodeState)!, // An object.
        StringComparer.Ordinal);

    private static ApiObject<QuotaState> Quota(string ns, string name, string json) =>
        new(new(ns, name), "1", "1", JsonSerializer.Deserialize(json, ClusterJson.Default.QuotaState)!); // An object.
}
