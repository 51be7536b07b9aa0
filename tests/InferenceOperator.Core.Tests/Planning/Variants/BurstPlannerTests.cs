using System.Collections.Immutable;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Planning.Variants;

namespace InferenceOperator.Core.Tests.Planning.Variants;

public sealed class BurstPlannerTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ImmutableArray<BurstOption> Student = [new("student", 0.98, 200)];
    private static readonly BurstState Active = new("student", null);

    [Fact]
    public void It_comes_when_the_ready_replicas_do_not_carry_the_demand()
    {
        var plan = BurstPlanner.Plan(Now(demand: 401, ready: 4));

        Assert.Equal("student", plan.State.Variant);
        Assert.Contains("4 ready carry 400", plan.Why, StringComparison.Ordinal);
        Assert.Equal(BurstState.None, BurstPlanner.Plan(Now(demand: 400, ready: 4)).State);
    }

    [Fact]
    public void The_batch_limit_goes_first()
    {
        var plan = BurstPlanner.Plan(Now(demand: 500, ready: 4) with { BatchFirst = true });

        Assert.Equal((BurstState.None, GuardRail.BatchFirst), (plan.State, plan.Guard));
    }

    [Fact]
    public void It_goes_when_the_replicas_have_sufficed_for_thirty_seconds()
    {
        var state = Active;
        for (var t = 0; t < 30; t += 5)
        {
            state = BurstPlanner.Plan(Now(demand: 400, ready: 6, state: state, at: t)).State;
            Assert.Equal(new("student", Start), state);
        }

        Assert.Equal(BurstState.None, BurstPlanner.Plan(Now(demand: 400, ready: 6, state: state, at: 30)).State);
    }

    [Fact]
    public void A_moment_in_which_they_do_not_begins_the_time_anew()
    {
        var calm = BurstPlanner.Plan(Now(demand: 400, ready: 6, state: Active, at: 0)).State;
        var shaken = BurstPlanner.Plan(Now(demand: 700, ready: 6, state: calm, at: 25)).State;

        Assert.Equal(Active, shaken);
        Assert.Equal(new("student", Start + TimeSpan.FromSeconds(30)), BurstPlanner.Plan(Now(demand: 400, ready: 6, state: shaken, at: 30)).State);
    }

    [Fact]
    public void Fully_used_replicas_suffice_when_all_that_are_wanted_are_there_and_nothing_waits()
    {
        var full = Now(demand: 390, ready: 4, state: Active with { CalmSince = Start }, at: 30) with { Required = 4 };

        Assert.Equal(BurstState.None, BurstPlanner.Plan(full).State);
        Assert.Equal(Active, BurstPlanner.Plan(full with { Pending = 1 }).State);
        Assert.Equal(Active, BurstPlanner.Plan(full with { Required = 5 }).State);
        Assert.Equal(Active, BurstPlanner.Plan(full with { IsAtRisk = true }).State);
        Assert.Equal(Active, BurstPlanner.Plan(full with { Demand = 410 }).State);
    }

    [Fact]
    public void On_unknown_traffic_it_neither_comes_nor_goes()
    {
        Assert.Equal(BurstState.None, BurstPlanner.Plan(Now(demand: null, ready: 1)).State);
        Assert.Equal(Active, BurstPlanner.Plan(Now(demand: null, ready: 9, state: Active with { CalmSince = Start }, at: 600)).State);
        Assert.Equal(BurstState.None, BurstPlanner.Plan(Now(demand: 900, ready: 1) with { Capacity = null }).State);
    }

    [Fact]
    public void One_that_is_no_longer_allowed_goes_at_once_even_on_unknown_traffic() =>
        Assert.Equal(BurstState.None, BurstPlanner.Plan(Now(demand: null, ready: 1, state: Active) with { Options = [] }).State);

    [Fact]
    public void One_that_turns_out_to_be_no_faster_goes_and_does_not_come_again()
    {
        var lame = Now(demand: 500, ready: 4) with { Options = [new("student", 0.98, 104)] };

        Assert.Equal((BurstState.None, GuardRail.BurstNotFaster), (BurstPlanner.Plan(lame with { State = Active }).State, BurstPlanner.Plan(lame).Guard));
        Assert.Equal(BurstState.None, BurstPlanner.Plan(lame).State);
    }

    [Fact]
    public void Of_several_the_most_accurate_that_suffices_answers_then_the_fastest_then_one_that_was_not_measured()
    {
        ImmutableArray<BurstOption> several = [new("tiny", 0.9, 400), new("small", 0.95, 200), new("new", 0.99, null), new("lame", 0.999, 100)];

        Assert.Equal("small", BurstPlanner.Plan(Now(demand: 700, ready: 4) with { Options = several }).State.Variant);
        Assert.Equal("tiny", BurstPlanner.Plan(Now(demand: 900, ready: 4) with { Options = several }).State.Variant);
        Assert.Equal("tiny", BurstPlanner.Plan(Now(demand: 9000, ready: 4) with { Options = several }).State.Variant);
        Assert.Equal("new", BurstPlanner.Plan(Now(demand: 700, ready: 4) with { Options = [several[2], several[3]] }).State.Variant);
    }

    [Fact]
    public void Demand_that_is_noisy_around_what_the_replicas_carry_changes_it_at_most_twice_in_a_minute()
    {
        const int seed = 6;
        var random = new Random(seed);
        var (state, changes) = (BurstState.None, 0);
        for (var t = 0; t < 3600; t += 5)
        {
            var next = BurstPlanner.Plan(Now(demand: 400 * (0.8 + (0.4 * random.NextDouble())), ready: 4, state: state, at: t) with { Required = 4 }).State;
            changes += next.Variant != state.Variant ? 1 : 0;
            state = next;
        }

        Assert.True(changes is >= 1 and <= 120, $"seed {seed}: {changes}");
    }

    private static BurstSituation Now(double? demand, int ready, BurstState? state = null, double at = 0) => new()
    {
        At = Start + TimeSpan.FromSeconds(at),
        Options = Student,
        State = state ?? BurstState.None,
        Demand = demand,
        Capacity = 100,
        Ready = ready,
        Required = ready + 3,
    };
}
