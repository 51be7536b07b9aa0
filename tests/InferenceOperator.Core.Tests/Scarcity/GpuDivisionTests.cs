using System.Collections.Immutable;
using InferenceOperator.Core.Scarcity;
using static InferenceOperator.Core.Tests.Scarcity.Asks;

namespace InferenceOperator.Core.Tests.Scarcity;

public sealed class GpuDivisionTests
{
    [Fact]
    public void Who_has_room_gets_all_it_wants_and_no_reason() =>
        Assert.Equal<Grant>([new("ads/a", 3, null), new("ads/b", 5, null)], GpuDivision.Divide([Pool(8)], [Ask("ads/a", 3), Ask("ads/b", 5)]));

    [Fact]
    public void A_resource_without_a_pool_is_not_scarce() =>
        Assert.Equal(100, GpuDivision.Divide([Pool(1, resource: Slice)], [Ask("ads/a", 100)]).ReplicasOf("ads/a"));

    [Fact]
    public void Replicas_without_a_gpu_are_not_scarce() =>
        Assert.Equal(9, GpuDivision.Divide([Pool(1)], [Ask("ads/a", 9) with { GpusPerReplica = 0 }]).ReplicasOf("ads/a"));

    [Fact]
    public void Higher_priority_gets_its_need_and_the_lower_one_keeps_its_minimum()
    {
        var grants = GpuDivision.Divide([Pool(8)], [Ask("ads/low", 6, min: 2, held: 6), Ask("ads/high", 9, priority: 1)]);

        Assert.Equal((6, 2), (grants.ReplicasOf("ads/high"), grants.ReplicasOf("ads/low")));
    }

    [Fact]
    public void The_cut_says_which_pool_by_how_much_who_has_it_and_what_it_would_take()
    {
        var grants = GpuDivision.Divide([Pool(10, others: 2)], [Ask("ads/x", 3, priority: 1), Ask("ads/y", 4), Ask("ads/z", 6)]);

        Assert.Equal(
            "cut from 6 to 1: the nvidia.com/gpu pool of 10 (nodes), 2 of them used by others, is short by 5; ads/y of equal priority gains more from each of its 4; 5 more would give it all",
            grants.Single(g => g.Agent == "ads/z").Cut?.ToString());
    }

    [Fact]
    public void A_quota_binds_its_namespace_only()
    {
        var grants = GpuDivision.Divide([Pool(10), Pool(3, ns: "ads")], [Ask("ads/a", 6, priority: 1), Ask("web/b", 6)]);

        Assert.Equal((3, 6), (grants.ReplicasOf("ads/a"), grants.ReplicasOf("web/b")));
        Assert.Equal("ResourceQuota ads/gpus", grants.Single(g => g.Agent == "ads/a").Cut?.Pool.Origin);
    }

    [Fact]
    public void Of_equal_priority_the_one_that_gains_more_from_a_gpu_goes_first()
    {
        var grants = GpuDivision.Divide([Pool(7)], [Ask("ads/large", 10), Ask("ads/small", 5)]);

        Assert.Equal((2, 5), (grants.ReplicasOf("ads/large"), grants.ReplicasOf("ads/small")));
    }

    [Fact]
    public void An_agent_for_which_only_enough_is_worth_anything_is_not_given_half_of_it_before_others()
    {
        // Alone the first replica of each step-like agent gains nothing; together its four gain a whole.
        var steplike = Ask("ads/step", 4, min: 0) with { Utility = [0, 0, 0, 0, 1] };
        var gentle = Ask("ads/gentle", 4, min: 0) with { Utility = [0, 0.1, 0.2, 0.3, 0.4] };

        var grants = GpuDivision.Divide([Pool(5)], [steplike, gentle]);

        Assert.Equal((4, 1), (grants.ReplicasOf("ads/step"), grants.ReplicasOf("ads/gentle")));
    }

    [Fact]
    public void A_running_replica_moves_only_for_a_quarter_more_than_it_is_worth_where_it_is()
    {
        int Held(double others) => GpuDivision.Divide(
            [Pool(1)],
            [
                Ask("ads/holder", 1, held: 1, min: 0) with { Utility = [0, 0.4] },
                Ask("ads/asks", 1, min: 0) with { Utility = [0, others] },
            ]).ReplicasOf("ads/holder");

        Assert.Equal((1, 0), (Held(0.49), Held(0.51)));
    }

    [Fact]
    public void Demand_that_swings_by_a_tenth_moves_nothing_between_equals()
    {
        const int seed = 67;
        var random = new Random(seed);
        ImmutableArray<string> names = ["ads/a", "ads/b", "ads/c", "ads/d"];
        var held = names.ToDictionary(n => n, _ => 0);
        var moves = 0;
        for (var round = 0; round < 500; round++)
        {
            var asks = names.Select(n => Swinging(n, 8 * (0.95 + (0.1 * random.NextDouble())), held[n])).ToList();
            var grants = GpuDivision.Divide([Pool(16)], asks);
            moves += round == 0 ? 0 : grants.Count(g => g.Replicas < held[g.Agent]);
            held = grants.ToDictionary(g => g.Agent, g => g.Replicas);
        }

        Assert.True(moves == 0, $"seed {seed}: {moves} moves");

        static ReplicaAsk Swinging(string name, double need, int held) =>
            Ask(name, 9, held: held) with { Utility = [.. Enumerable.Range(0, 10).Select(n => Math.Min(1, n / need))] };
    }

    [Fact]
    public void Minima_that_do_not_fit_go_by_priority()
    {
        var grants = GpuDivision.Divide([Pool(3)], [Ask("ads/a", 2, min: 2, held: 2), Ask("ads/b", 2, min: 2, priority: 1)]);

        Assert.Equal((1, 2), (grants.ReplicasOf("ads/a"), grants.ReplicasOf("ads/b")));
    }

    [Fact]
    public void Unknown_traffic_keeps_what_runs_against_equals_and_gives_way_to_priority()
    {
        var unknown = Ask("ads/unknown", 4, held: 4) with { Utility = [] };

        Assert.Equal(4, GpuDivision.Divide([Pool(5)], [unknown, Ask("ads/b", 2)]).ReplicasOf("ads/unknown"));
        Assert.Equal(3, GpuDivision.Divide([Pool(5)], [unknown, Ask("ads/b", 2, priority: 1)]).ReplicasOf("ads/unknown"));
    }

    [Fact]
    public void What_somebody_else_decided_is_set_aside_first()
    {
        var grants = GpuDivision.Divide([Pool(5)], [Ask("ads/fixed", 4) with { IsFixed = true }, Ask("ads/b", 3, priority: 9)]);

        Assert.Equal((4, 1), (grants.ReplicasOf("ads/fixed"), grants.ReplicasOf("ads/b")));
        Assert.Equal(RivalStanding.SetElsewhere, grants.Single(g => g.Agent == "ads/b").Cut?.Rival?.Standing);
    }

    [Fact]
    public void A_pool_that_others_fill_gives_nothing()
    {
        var grant = Assert.Single(GpuDivision.Divide([Pool(4, others: 6)], [Ask("ads/a", 2, held: 2)]));

        Assert.Equal(0, grant.Replicas);
        Assert.Null(grant.Cut?.Rival);
    }
}
