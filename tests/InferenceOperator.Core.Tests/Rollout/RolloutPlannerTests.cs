using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;
using static InferenceOperator.Core.Tests.Rollout.RolloutRig;

namespace InferenceOperator.Core.Tests.Rollout;

/// <summary>Stories of roll-outs.</summary>
public sealed class RolloutPlannerTests
{
    [Fact]
    public void An_equal_revision_is_tried_on_one_replica_takes_over_and_its_first_replica_lives_on()
    {
        var rig = new RolloutRig(4) { Wanted = B };

        rig.Run(90);
        Assert.Equal((4, 1), (rig.Count(A), rig.Count(B)));
        var first = rig.Live.Single(r => r.Revision == B).Name;
        rig.Run(600, rig.Is<RolloutState.Stable>);

        Assert.Equal(new RolloutState.Stable(B), ((RolloutState.Stable)rig.State) with { Last = null });
        Assert.Equal((0, 4), (rig.Count(A), rig.Count(B)));
        Assert.Contains(rig.Live, r => r.Name == first);
        Assert.Equal(4, rig.LeastReady);
    }

    [Fact]
    public void A_worse_revision_goes_back_with_its_figures_and_is_not_tried_again_until_the_manifest_changes()
    {
        var rig = new RolloutRig { Wanted = B, Missed = revision => revision == B ? 0.3 : 0.002 };

        rig.Run(600, rig.Is<RolloutState.Stable>);
        Assert.True(rig.Now < 300, $"only after {rig.Now} s");
        rig.Run(7200);

        Assert.Equal((3, 0), (rig.Count(A), rig.Count(B)));
        Assert.True(rig.Plan.NeedsPerson);
        Assert.Contains("of its requests 30 % (of the old revision's at the same time 0.2 %) were not answered within the SLO's target", rig.Plan.Reason, StringComparison.Ordinal);
        rig.Wanted = A;
        rig.Run(30);
        Assert.False(rig.Plan.NeedsPerson);
        rig.Wanted = B;
        rig.Run(30);
        Assert.True(rig.Is<RolloutState.Canary>());
    }

    [Fact]
    public void A_revision_that_turns_bad_while_it_takes_over_goes_back_and_what_it_carries_is_carried_all_the_way()
    {
        var rig = new RolloutRig(8) { Wanted = B };
        rig.Run(600, () => rig.Count(B) >= 5);
        Assert.True(rig.Is<RolloutState.Proceeding>());

        rig.Missed = revision => revision == B ? 0.4 : 0.003;
        rig.StartUp = static revision => revision == B ? 300 : 20;
        rig.Run(1200, rig.Is<RolloutState.Stable>);

        Assert.Equal((8, 0), (rig.Count(A), rig.Count(B)));
        Assert.Equal(8, rig.LeastReady);
    }

    [Fact]
    public void A_revision_that_never_gets_ready_goes_back_after_the_time_that_is_declared()
    {
        var rig = new RolloutRig { Wanted = B, StartUp = static revision => revision == B ? double.PositiveInfinity : 20, MetricsKnown = false };

        rig.Run(3600, rig.Is<RolloutState.Stable>);

        Assert.InRange(rig.Now, 900, 960);
        Assert.Contains("no replica more of it became ready within 00:15:00", rig.Plan.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_revision_in_a_crash_loop_goes_back_with_what_its_replica_said()
    {
        var rig = new RolloutRig { Wanted = B, Crashes = static revision => revision == B, StartUp = static revision => revision == B ? 10 : 20, MetricsKnown = false };

        rig.Run(3600, rig.Is<RolloutState.Stable>);

        Assert.True(rig.Now < 120, $"only after {rig.Now} s");
        Assert.Contains("went down 3 times after it was ready: ended with exit code 139", rig.Plan.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_measurements_it_goes_neither_forward_nor_back_and_goes_on_when_they_return()
    {
        var rig = new RolloutRig(4) { Wanted = B, MetricsKnown = false, Missed = static revision => revision == B ? 1 : 0, Rules = new() { MissesAllowed = 0.01, WhenInconclusive = InconclusiveRollout.Proceed } };

        rig.Run(7200);
        Assert.Equal((4, 1), (rig.Count(A), rig.Count(B)));
        Assert.True(rig.Is<RolloutState.Canary>());
        Assert.Contains("neither forward nor back", rig.Plan.Reason, StringComparison.Ordinal);

        rig = new RolloutRig(8) { Wanted = B };
        rig.Run(600, rig.Is<RolloutState.Proceeding>);
        rig.MetricsKnown = false;
        rig.Run(120);
        var reached = rig.Count(B);
        rig.Run(7200);
        Assert.Equal(reached, rig.Count(B));
        rig.MetricsKnown = true;
        rig.Run(600, rig.Is<RolloutState.Stable>);
        Assert.Equal(8, rig.Count(B));
    }

    [Theory]
    [InlineData(InconclusiveRollout.Wait, true, 1)]
    [InlineData(InconclusiveRollout.Proceed, false, 3)]
    [InlineData(InconclusiveRollout.GoBack, true, 0)]
    public void With_too_little_traffic_it_does_after_an_hour_what_is_declared(InconclusiveRollout declared, bool needsPerson, int replicas)
    {
        var rig = new RolloutRig { Wanted = B, Rate = 0.005, Rules = new() { MissesAllowed = 0.01, WhenInconclusive = declared } };

        rig.Run(3500);
        Assert.Equal((3, 1, false), (rig.Count(A), rig.Count(B), rig.Plan.NeedsPerson));
        rig.Run(600);

        Assert.Equal((replicas, needsPerson), (rig.Count(B), rig.Plan.NeedsPerson));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(0)]
    public void Where_nobody_asks_for_anything_it_takes_over_by_readiness_and_says_that_nothing_was_compared(int minutes)
    {
        var rig = new RolloutRig { Wanted = B, Rate = 0 };
        rig.Rules = rig.Rules with { ProceedsAfterQuiet = minutes > 0 ? TimeSpan.FromMinutes(minutes) : null };

        rig.Run(600);
        Assert.True(rig.Is<RolloutState.Canary>());
        Assert.Equal(minutes > 0, rig.Plan.Reason.Contains("nobody asks for anything, and if that stays so it takes over at 2030-01-01 00:10:30Z", StringComparison.Ordinal));
        rig.Run(300);

        Assert.Equal(minutes > 0 ? 3 : 1, rig.Count(B));
        Assert.Equal(minutes > 0, rig.Is<RolloutState.Stable>());
        Assert.Equal(minutes > 0, (rig.State as RolloutState.Stable)?.Last?.Reason.Contains("nothing was compared", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public void Requests_that_come_back_begin_the_waiting_anew_and_what_looks_worse_does_not_take_over_in_the_quiet_after_them()
    {
        var rig = new RolloutRig { Wanted = B, Rate = 0, Missed = static revision => revision == B ? 0.2 : 0 };
        rig.Run(400);
        rig.Rate = 10;
        rig.Run(60);
        rig.Rate = 0;
        rig.Run(3600);

        Assert.Equal((3, 1), (rig.Count(A), rig.Count(B)));
        Assert.True(rig.Is<RolloutState.Canary>());
    }

    [Fact]
    public void Unknown_is_not_quiet()
    {
        var rig = new RolloutRig { Wanted = B, Rate = 0, MetricsKnown = false };

        rig.Run(7200);

        Assert.Equal((3, 1), (rig.Count(A), rig.Count(B)));
    }

    [Fact]
    public void A_revision_that_nobody_asks_for_any_more_is_not_kept_for_an_old_replica_that_never_comes()
    {
        var rig = new RolloutRig { Wanted = B, MetricsKnown = false };
        rig.Run(60);
        rig.StartUp = static revision => revision == A ? double.PositiveInfinity : 20;
        rig.Kill(rig.Live.First(static r => r.Revision == A));
        rig.Wanted = C;

        rig.Run(600);
        Assert.Equal((1, 0), (rig.Count(B), rig.Count(C)));
        rig.Run(400);

        Assert.Equal((0, 1), (rig.Count(B), rig.Count(C)));
    }

    [Fact]
    public void Without_room_the_old_side_gives_a_place_when_the_demand_allows_it()
    {
        var rig = new RolloutRig(4) { Wanted = B, Places = 4, Required = 3 };

        rig.Run(1200, rig.Is<RolloutState.Stable>);

        Assert.Equal(4, rig.Count(B));
        Assert.Equal(3, rig.LeastReady);
    }

    [Fact]
    public void Without_room_and_with_none_to_spare_it_waits_and_says_for_what()
    {
        var rig = new RolloutRig(4) { Wanted = B, Places = 4, Required = 4 };

        rig.Run(7200);
        Assert.Equal((4, 4), (rig.Count(A), rig.Ready));
        Assert.Equal("a replica of b finds no place, and a can spare none within the SLO: no node has a free GPU", rig.Plan.Reason);

        rig.Places = 5;
        rig.Run(1200, rig.Is<RolloutState.Stable>);
        Assert.Equal((4, 4), (rig.Count(B), rig.LeastReady));
    }

    [Fact]
    public void Both_sides_are_scaled_while_it_goes_on()
    {
        var rig = new RolloutRig(2) { Wanted = B };
        rig.Run(30);
        rig.Replicas = 6;
        rig.Run(50);
        Assert.Equal((6, 1), (rig.Count(A), rig.Count(B)));

        rig.Run(600, rig.Is<RolloutState.Proceeding>);
        rig.Replicas = 9;
        rig.Run(10);
        Assert.True(rig.Count(A) + rig.Count(B) >= 9);
        rig.Replicas = 2;
        rig.Run(600, rig.Is<RolloutState.Stable>);
        Assert.Equal((0, 2), (rig.Count(A), rig.Count(B)));
    }

    [Fact]
    public void A_change_while_a_revision_is_tried_is_tried_in_its_place_and_the_old_one_back_ends_it()
    {
        var rig = new RolloutRig { Wanted = B };
        rig.Run(60);
        rig.Wanted = C;
        rig.Run(60);
        Assert.Equal((3, 0, 1), (rig.Count(A), rig.Count(B), rig.Count(C)));

        rig.Wanted = A;
        rig.Run(5);
        Assert.Equal((3, 0, 0), (rig.Count(A), rig.Count(B), rig.Count(C)));
        Assert.Null(Assert.IsType<RolloutState.Stable>(rig.State).Last);
    }

    [Fact]
    public void A_change_while_a_revision_takes_over_waits_for_that_and_the_old_one_back_turns_it_round()
    {
        var rig = new RolloutRig(8) { Wanted = B };
        rig.Run(600, () => rig.Count(B) >= 4);
        rig.Wanted = C;
        rig.Run(30);
        Assert.Equal(0, rig.Count(C));
        rig.Run(900, () => rig.Count(C) > 0);
        Assert.Equal((0, 8), (rig.Count(A), rig.Count(B)));

        rig = new RolloutRig(8) { Wanted = B };
        rig.Run(600, () => rig.Count(B) >= 4);
        rig.Wanted = A;
        rig.Run(300, rig.Is<RolloutState.Stable>);
        Assert.Equal((8, 0, 8), (rig.Count(A), rig.Count(B), rig.LeastReady));
    }

    [Theory]
    [InlineData("as the manifest says")]
    [InlineData("HorizontalPodAutoscaler ads/ranker")]
    [InlineData("no replica of the old revision was ready")]
    public void Where_nothing_can_be_compared_the_replicas_are_exchanged_at_once(string why)
    {
        var rig = new RolloutRig { Wanted = B };
        rig.Rules = rig.Rules with { IsGated = !why.StartsWith("as the", StringComparison.Ordinal) };
        rig.OtherWriter = why.StartsWith("Horizontal", StringComparison.Ordinal) ? why : null;
        if (why.StartsWith("no replica", StringComparison.Ordinal))
        {
            rig.Live.ToList().ForEach(rig.Kill);
        }

        rig.Run(5);

        var last = Assert.IsType<RolloutState.Stable>(rig.State).Last;
        Assert.Contains(why, last!.Reason, StringComparison.Ordinal); // It has just ended one.
        Assert.Equal(B, Assert.Single(rig.Plan.Sides.All).Revision);
    }

    [Fact]
    public void A_manifest_that_cannot_be_made_out_moves_nothing()
    {
        var rig = new RolloutRig { Wanted = null };

        rig.Run(60);

        Assert.Equal((3, new RolloutState.Stable(A)), (rig.Count(A), rig.State));
    }

    [Fact]
    public void An_operator_that_restarts_goes_on_with_what_was_compared()
    {
        var rig = new RolloutRig { Wanted = B, Missed = revision => revision == B ? 0.02 : 0.001 };
        rig.Run(110);
        var before = Assert.IsType<RolloutState.Canary>(rig.State).Progress;

        rig.Restart();

        var after = Assert.IsType<RolloutState.Canary>(rig.State).Progress;
        Assert.Equal((before.From, before.To, before.Since, before.Evidence.Latency.Blocks), (after.From, after.To, after.Since, after.Evidence.Latency.Blocks));
        Assert.InRange(after.Evidence.Latency.HarmLog, before.Evidence.Latency.HarmLog - 0.011, before.Evidence.Latency.HarmLog);
        Assert.True(after.Evidence.Latency.HarmLog > 0.5);
    }
}
