using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Scarcity;
using InferenceOperator.Tests.Cluster.Kit;

namespace InferenceOperator.Tests.Cluster.Children;

public sealed class ReplacementRuleTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly ImmutableArray<ReplicaObservation> Serving = [new("a", ReplicaPhase.Ready, Now - TimeSpan.FromHours(1)), new("b", ReplicaPhase.Ready, Now - TimeSpan.FromHours(1))];

    [Theory]
    [InlineData(4, 3, true)]
    [InlineData(4, 4, false)]
    public void A_change_that_begins_surges_only_where_a_gpu_is_free(int gpus, int used, bool surges) =>
        Assert.Equal(surges ? PodReplacement.Surge : PodReplacement.InPlace, Choose(Live(PodReplacement.Surge), begins: true, [new("nvidia.com/gpu", null, "nodes", gpus, used)]));

    [Fact]
    public void The_tightest_pool_counts() =>
        Assert.Equal(PodReplacement.InPlace, Choose(Live(PodReplacement.Surge), begins: true, [new("g", null, "nodes", 9, 0), new("g", "ads", "ResourceQuota ads/gpus", 2, 2)]));

    [Fact]
    public void Without_bounds_it_surges() => Assert.Equal(PodReplacement.Surge, Choose(Live(PodReplacement.InPlace), begins: true, []));

    [Fact]
    public void While_nothing_is_replaced_a_choice_stands() =>
        Assert.All(Enum.GetValues<PodReplacement>(), static chosen => Assert.Equal(chosen, Choose(Live(chosen), begins: false, [new("g", null, "nodes", 1, 1)])));

    [Fact]
    public void An_additional_replica_that_waits_too_long_for_a_place_makes_the_old_ones_give_way()
    {
        var live = Live(PodReplacement.Surge, updated: 1, replicas: 3);

        Assert.Equal(PodReplacement.Surge, Choose(live, begins: false, [], Waiting(ReplacementRule.Patience - TimeSpan.FromSeconds(1))));
        Assert.Equal(PodReplacement.InPlace, Choose(live, begins: false, [], Waiting(ReplacementRule.Patience)));
        Assert.Equal(PodReplacement.InPlace, Choose(Live(PodReplacement.InPlace, updated: 1, replicas: 3), begins: false, [], Serving));
    }

    [Fact]
    public void A_replica_without_a_place_alone_changes_nothing() =>
        Assert.Equal(PodReplacement.Surge, Choose(Live(PodReplacement.Surge), begins: false, [], Waiting(TimeSpan.FromHours(1))));

    [Fact]
    public void Limits_that_people_set_are_put_right()
    {
        var live = Live(PodReplacement.Surge);
        live["spec"]!["strategy"]!["rollingUpdate"]!["maxSurge"] = "25%";

        Assert.Equal(PodReplacement.Surge, Choose(live, begins: false, []));
    }

    private static ImmutableArray<ReplicaObservation> Waiting(TimeSpan age) => Serving.Add(new("c", ReplicaPhase.Unschedulable, Now - age, "0/2 nodes"));

    private static PodReplacement Choose(JsonObject live, bool begins, IEnumerable<GpuPool> pools, ImmutableArray<ReplicaObservation>? replicas = null) =>
        ReplacementRule.Choose(live, begins, gpus: 1, pools, replicas ?? Serving, ReplacementRule.Patience, Now);

    private static JsonObject Live(PodReplacement replacement, int updated = 2, int replicas = 2)
    {
        var live = Written.Json($$"""{"metadata": {"generation": 3}, "spec": {"strategy": {} }, "status": {"observedGeneration": 3, "updatedReplicas": {{updated}}, "replicas": {{replicas}} } }""");
        live["spec"]!["strategy"]!["rollingUpdate"] = replacement.Limits();
        return live;
    }
}
