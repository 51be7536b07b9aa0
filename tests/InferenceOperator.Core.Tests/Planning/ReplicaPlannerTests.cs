using InferenceOperator.Core.Control;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Tests.Planning;

public sealed class ReplicaPlannerTests
{
    [Fact]
    public void More_demand_than_capacity_goes_up_at_once() =>
        AssertPlan(ReplicaPlanner.Plan(At(current: 2, demand: 950)), 10, DecisionRule.ScaleUp);

    [Fact]
    public void What_is_needed_beyond_the_bounds_is_capped_and_said()
    {
        var plan = ReplicaPlanner.Plan(At(current: 8, demand: 5000));

        AssertPlan(plan, 20, DecisionRule.ScaleUp, GuardRail.MaxReplicas);
        Assert.Equal(50, plan.Required);
    }

    [Fact]
    public void Replicas_that_serve_double_twice_before_more_are_asked_for_and_a_few_grow_by_ten()
    {
        static ReplicaSituation Wide(int current) => At(current, demand: 50_000) with { Bounds = new ScalingSpec { MaxReplicas = 1000 } };

        AssertPlan(ReplicaPlanner.Plan(Wide(20)), 80, DecisionRule.ScaleUp, GuardRail.UpStep);
        AssertPlan(ReplicaPlanner.Plan(Wide(2)), 12, DecisionRule.ScaleUp, GuardRail.UpStep);
        AssertPlan(ReplicaPlanner.Plan(Wide(80) with { Ready = 20, Pending = 60 }), 80, DecisionRule.Hold, GuardRail.UpStep);
        AssertPlan(ReplicaPlanner.Plan(Wide(80) with { Ready = 50, Pending = 30 }), 200, DecisionRule.ScaleUp, GuardRail.UpStep);
        AssertPlan(ReplicaPlanner.Plan(Wide(80) with { Ready = 10, Overdue = 70 }), 110, DecisionRule.ScaleUp, GuardRail.UpStep);
    }

    [Theory]
    [InlineData("4", 4, 8)]
    [InlineData("50%", 5, 8)]
    [InlineData("1", 8, 9)]
    public void A_declared_step_bounds_what_is_on_its_way(string step, int ready, int expected)
    {
        Assert.True(StepLimit.TryParse(step, out var limit));
        var now = At(current: ready, demand: 1950);

        AssertPlan(ReplicaPlanner.Plan(now with { Bounds = now.Bounds with { ScaleUp = new() { MaxStep = limit } } }), expected, DecisionRule.ScaleUp, GuardRail.UpStep);
    }

    [Theory]
    [InlineData("1", 15)]
    [InlineData("50%", 8)]
    [InlineData("100%", 1)]
    public void A_declared_step_bounds_what_goes_at_once(string step, int expected)
    {
        Assert.True(StepLimit.TryParse(step, out var limit));
        var now = At(current: 16, demand: 100);
        var plan = ReplicaPlanner.Plan(now with { Bounds = now.Bounds with { ScaleDown = new() { MaxStep = limit } } });

        Assert.Equal((expected, DecisionRule.ScaleDown), (plan.Replicas, plan.Rule));
        Assert.Equal(expected > 1, plan.Guards.Contains(GuardRail.DownStep));
    }

    [Fact]
    public void Replicas_wait_a_step_for_a_growing_batch_limit() =>
        AssertPlan(ReplicaPlanner.Plan(At(current: 2, demand: 950) with { BatchFirst = true }), 2, DecisionRule.Hold, GuardRail.BatchFirst);

    [Fact]
    public void Unknown_holds() =>
        AssertPlan(ReplicaPlanner.Plan(At(current: 5, demand: 0) with { Demand = null }), 5, DecisionRule.HoldUnknown, GuardRail.UnknownNeverDown);

    [Fact]
    public void Unknown_still_keeps_the_bounds() =>
        AssertPlan(ReplicaPlanner.Plan(At(current: 25, demand: 0) with { Demand = null }), 20, DecisionRule.Bounds, GuardRail.UnknownNeverDown);

    [Fact]
    public void Less_demand_all_through_the_window_goes_down_by_a_quarter_at_most() =>
        AssertPlan(ReplicaPlanner.Plan(At(current: 16, demand: 100)), 12, DecisionRule.ScaleDown, GuardRail.DownStep);

    [Fact]
    public void The_most_of_the_window_holds() =>
        AssertPlan(ReplicaPlanner.Plan(At(current: 4, demand: 100) with { MostDemand = 390 }), 4, DecisionRule.HoldDown, GuardRail.ScaleDownWindow);

    [Fact]
    public void A_latency_too_near_the_target_holds() =>
        AssertPlan(ReplicaPlanner.Plan(At(current: 4, demand: 100) with { Latency = rows => rows > 20 ? 0.049 : 0.010 }), 4, DecisionRule.HoldDown, GuardRail.UnsafeDown);

    [Fact]
    public void Nothing_goes_before_traffic_has_been_known_for_the_window() =>
        AssertPlan(ReplicaPlanner.Plan(At(current: 4, demand: 100) with { KnownFor = TimeSpan.FromSeconds(59) }), 4, DecisionRule.HoldDown, GuardRail.StartWindow);

    [Fact]
    public void Nothing_goes_while_others_are_starting() =>
        AssertPlan(ReplicaPlanner.Plan(At(current: 4, demand: 100) with { Pending = 1 }), 4, DecisionRule.HoldDown, GuardRail.Transition);

    [Fact]
    public void The_next_step_down_waits_half_a_minute() =>
        AssertPlan(ReplicaPlanner.Plan(At(current: 4, demand: 100) with { SinceDown = TimeSpan.FromSeconds(29) }), 4, DecisionRule.HoldDown, GuardRail.DownStep);

    [Fact]
    public void Noise_of_the_measured_rate_holds_what_it_would_bring_back()
    {
        var now = At(current: 4, demand: 270);

        AssertPlan(ReplicaPlanner.Plan(now), 3, DecisionRule.ScaleDown);
        AssertPlan(ReplicaPlanner.Plan(now with { DemandNoise = 0.1 }), 4, DecisionRule.HoldDown, GuardRail.UnsafeDown);
    }

    [Fact]
    public void A_replica_that_takes_far_too_long_is_made_up_for_once()
    {
        AssertPlan(ReplicaPlanner.Plan(At(current: 3, demand: 290) with { Overdue = 1 }), 4, DecisionRule.ScaleUp);
        AssertPlan(ReplicaPlanner.Plan(At(current: 6, demand: 290) with { Overdue = 6 }), 6, DecisionRule.Hold);
    }

    [Fact]
    public void The_last_replica_stays_without_proof_and_goes_with_it()
    {
        var idle = At(current: 1, demand: 0) with { Bounds = new ScalingSpec { MinReplicas = 0, MaxReplicas = 20 } };

        AssertPlan(ReplicaPlanner.Plan(idle), 1, DecisionRule.HoldDown, GuardRail.IdleUnproven);
        AssertPlan(ReplicaPlanner.Plan(idle with { Current = 3 }), 1, DecisionRule.ScaleDown, GuardRail.IdleUnproven);
        AssertPlan(ReplicaPlanner.Plan(idle with { MayGoToZero = true }), 0, DecisionRule.ScaleDown);
        AssertPlan(ReplicaPlanner.Plan(idle with { MayGoToZero = true, MostDemand = 0.1 }), 1, DecisionRule.HoldDown, GuardRail.ScaleDownWindow);
        AssertPlan(ReplicaPlanner.Plan(idle with { MayGoToZero = true, Demand = null }), 1, DecisionRule.HoldUnknown, GuardRail.UnknownNeverDown);
    }

    [Fact]
    public void Asleep_it_stays_so_until_a_request_waits()
    {
        var asleep = At(current: 0, demand: 0) with { Bounds = new ScalingSpec { MinReplicas = 0, MaxReplicas = 20 }, Demand = null };

        AssertPlan(ReplicaPlanner.Plan(asleep), 0, DecisionRule.Asleep);
        AssertPlan(ReplicaPlanner.Plan(asleep with { Held = 5 }), 1, DecisionRule.Wake);
        AssertPlan(ReplicaPlanner.Plan(asleep with { Bounds = new ScalingSpec { MinReplicas = 1, MaxReplicas = 20 } }), 1, DecisionRule.Bounds, GuardRail.UnknownNeverDown);
    }

    [Fact]
    public void Replicas_never_fall_when_demand_grows()
    {
        const int seed = 40;
        var random = new Random(seed);
        for (var i = 0; i < 5000; i++)
        {
            var (current, low) = (random.Next(1, 25), random.NextDouble() * 2500);
            var high = low + (random.NextDouble() * 500);
            var capacity = 1 + (random.NextDouble() * 200);
            var fewer = ReplicaPlanner.Plan(At(current, low) with { Capacity = capacity }).Replicas;
            var more = ReplicaPlanner.Plan(At(current, high) with { Capacity = capacity }).Replicas;

            Assert.True(fewer <= more, $"seed {seed}: {current} replicas, {low} → {fewer}, {high} → {more}, capacity {capacity}");
        }
    }

    private static ReplicaSituation At(int current, double demand) => new()
    {
        Current = current,
        Ready = current,
        Bounds = new ScalingSpec { MinReplicas = 1, MaxReplicas = 20 },
        Demand = demand,
        MostDemand = demand,
        Capacity = 100,
        Latency = _ => 0.010,
        TargetSeconds = 0.050,
        KnownFor = TimeSpan.FromHours(1),
    };

    private static void AssertPlan(ReplicaPlan plan, int replicas, DecisionRule rule, params GuardRail[] guards)
    {
        Assert.Equal(replicas, plan.Replicas);
        Assert.Equal(rule, plan.Rule);
        Assert.Equal(guards, plan.Guards);
    }
}
