using InferenceOperator.Kubernetes.Leases;
using Xunit.Abstractions;

namespace InferenceOperator.Kubernetes.Tests.Leases;

public sealed class LeaseContestTests(ITestOutputHelper output)
{
    private static readonly LeaseTiming Timing = new();

    [Fact]
    public void A_free_lease_is_claimed_at_once_and_a_held_one_after_it_did_not_change_for_its_duration()
    {
        var contest = new LeaseContest("x", "b", Timing);
        Assert.False(contest.MayClaim(TimeSpan.Zero));

        contest.Saw(null, TimeSpan.Zero);
        Assert.True(contest.MayClaim(TimeSpan.Zero));

        contest.Saw(Held("1", "a"), Seconds(5));
        contest.Saw(Held("1", "a"), Seconds(14));
        Assert.False(contest.MayClaim(Seconds(14.9)));
        Assert.True(contest.MayClaim(Seconds(15)));

        contest.Saw(Held("2", "a"), Seconds(16));
        Assert.False(contest.MayClaim(Seconds(25.9)));
        contest.Saw(Held("3", ""), Seconds(17));
        Assert.True(contest.MayClaim(Seconds(17)));
    }

    [Fact]
    public void A_longer_duration_in_the_lease_is_respected_and_a_shorter_one_is_not()
    {
        var contest = new LeaseContest("x", "b", Timing);
        contest.Saw(Held("1", "a") with { Duration = Seconds(60) }, TimeSpan.Zero);
        Assert.False(contest.MayClaim(Seconds(59)));
        contest.Saw(Held("2", "a") with { Duration = Seconds(1) }, TimeSpan.Zero);
        Assert.False(contest.MayClaim(Seconds(9)));
    }

    [Fact]
    public void A_lease_that_was_deleted_under_its_holder_is_left_alone_for_as_long()
    {
        var contest = new LeaseContest("x", "b", Timing);
        contest.Saw(Held("1", "a"), TimeSpan.Zero);
        contest.Saw(null, Seconds(3));
        Assert.False(contest.MayClaim(Seconds(12.9)));
        Assert.True(contest.MayClaim(Seconds(13)));
    }

    [Fact]
    public void The_time_to_work_counts_from_when_the_claim_was_sent_and_not_from_its_answer()
    {
        var contest = new LeaseContest("x", "a", Timing);
        contest.Saw(null, TimeSpan.Zero);
        Assert.True(contest.Claimed(Held("1", "a"), sentAt: Seconds(1), now: Seconds(3)));
        Assert.True(contest.IsHeld(Seconds(7.9)));
        Assert.False(contest.IsHeld(Seconds(8)));
    }

    [Fact]
    public void A_renewal_whose_answer_came_after_the_hold_had_run_out_is_a_new_hold()
    {
        var contest = new LeaseContest("x", "a", Timing);
        contest.Saw(null, TimeSpan.Zero);
        contest.Claimed(Held("1", "a"), Seconds(0), Seconds(0));
        Assert.False(contest.Claimed(Held("2", "a"), sentAt: Seconds(3), now: Seconds(3.1)));
        Assert.True(contest.Claimed(Held("3", "a"), sentAt: Seconds(9), now: Seconds(11)));
    }

    [Fact]
    public void Seen_in_other_hands_it_is_not_held_any_more()
    {
        var contest = new LeaseContest("x", "a", Timing);
        contest.Saw(null, TimeSpan.Zero);
        contest.Claimed(Held("1", "a"), Seconds(0), Seconds(0));
        contest.Saw(Held("2", "b"), Seconds(1));
        Assert.False(contest.IsHeld(Seconds(1)));
    }

    /// <summary>
    /// Contenders with clocks that run at their own speed and show any time of day, whose requests and answers take long, are lost, and
    /// who are stopped for a while at any point, also for longer than the Lease lasts.
    /// </summary>
    [Fact]
    public void Never_two_hold_it_whatever_is_late_lost_or_stopped_and_one_holds_it_once_that_ends()
    {
        const int Seeds = 400;
        var holds = 0;
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var world = new LeaseWorld(seed, contenders: 2 + (seed % 4), Timing);
            Assert.True(world.Run(TimeSpan.FromMinutes(20), troubled: true) is null, $"seed {seed}: {world.Breach}");
            Assert.True(world.Run(TimeSpan.FromMinutes(1), troubled: false) is null, $"seed {seed}: {world.Breach}");
            Assert.True(world.Holders == 1, $"seed {seed}: {world.Holders} hold it a minute after all trouble ended");
            holds += world.Holds;
        }

        output.WriteLine($"seeds 1 to {Seeds}, {holds} holds");
        Assert.True(holds > Seeds * 10, $"only {holds} holds: nothing was tried");
    }

    [Fact]
    public void A_release_frees_it_for_others_at_once()
    {
        var contest = new LeaseContest("x", "a", Timing);
        contest.Saw(null, TimeSpan.Zero);
        contest.Claimed(Held("1", "a"), Seconds(0), Seconds(0));
        contest.GaveUp(Held("2", ""), Seconds(1));
        Assert.False(contest.IsHeld(Seconds(1)));
        Assert.True(contest.MayClaim(Seconds(1)));
    }

    internal static LeaseState Held(string version, string holder) => new("x", version, holder, Timing.Duration, 0);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
