using System.Globalization;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Core.Tests.Rollout.Trials;
using Xunit.Abstractions;
using Traits = InferenceOperator.Core.Tests.Rollout.ReplicaTrafficSimulation.Traits;

namespace InferenceOperator.Core.Tests.Rollout;

/// <summary>What the test of roll-outs promises, over simulated hours with batches, bursts and disturbed replicas. <c>ROLLOUT_SEEDS</c> sets how many of them.</summary>
public sealed class RolloutGateTests(ITestOutputHelper output)
{
    // An hour: as long as a comparison may last.
    private const int Blocks = 360;

    private static readonly int Seeds = int.Parse(Environment.GetEnvironmentVariable("ROLLOUT_SEEDS") ?? "150", CultureInfo.InvariantCulture);

    private static readonly RolloutRules P99 = GateScenario.Rules;

    private static readonly RolloutRules Shadowed = P99 with { DiffersAllowed = 0.02 };

    private static readonly RolloutReach EachBlock = new(BlockReach.Shortest, BlockReach.Shortest);

    [Fact]
    public void An_equal_revision_is_sent_back_in_one_roll_out_of_a_hundred_at_most_whatever_disturbs_its_replicas()
    {
        foreach (var story in GateScenario.Equal)
        {
            var trials = Trials(story, Seeds);
            var alarms = trials.Count(static t => t.SentBackAfter is not null);
            var proceeded = trials.Count(static t => t.ReadyAfter is not null);
            output.WriteLine($"{story.Name}: {alarms} sent back, {proceeded} might have taken over of {Seeds} hours; seeds 1 to {Seeds}");
            Assert.True(alarms <= AlarmsMax(Seeds), $"{story.Name}: {alarms} of {Seeds} sent back");
            Assert.True(proceeded >= 0.9 * Seeds, $"{story.Name}: only {proceeded} of {Seeds} might have taken over");
        }
    }

    [Fact]
    public void A_worse_revision_is_sent_back_within_its_time()
    {
        var seeds = Math.Max(20, Seeds / 5);
        foreach (var story in GateScenario.Worse)
        {
            var after = Trials(story, seeds).Select(static t => t.SentBackAfter ?? double.PositiveInfinity).Order().ToList();
            output.WriteLine($"{story.Name}: sent back after {after[seeds / 2]:0} s in the median, {after[(int)(0.9 * seeds)]:0} s in nine of ten; seeds 1 to {seeds}");
            Assert.True(after[(int)(0.9 * seeds)] <= story.SentBackWithin, $"{story.Name}: {after[(int)(0.9 * seeds)]} s");
        }
    }

    [Fact]
    public void Bets_of_one_block_each_would_send_equal_revisions_back_where_neighbours_disturb()
    {
        var story = GateScenario.Equal.Single(static s => s.Name == "neighbour, 2 times slower for 60 s on average every 5 min");
        var alarms = Enumerable.Range(1, Seeds).Count(seed => story.Run(seed, learns: false).SentBackAfter is not null);

        Assert.True(alarms > AlarmsMax(Seeds), $"{alarms} of {Seeds}");
    }

    [Theory]
    [InlineData("calm, the SLO just missed", 0.010, 1, 1, 0)]
    [InlineData("bursts that miss the SLO", 0.012, 2.5, 1, 0)]
    [InlineData("failing batches", 0.060, 1.5, 1, 0.002)]
    [InlineData("a neighbour for 15 s", 0.015, 1.5, 4, 0)]
    public void Replicas_that_batch_and_queue_keep_the_promise_too(string story, double target, double burst, double disturbed, double failing)
    {
        const int hours = 3;
        for (var seed = 1; seed <= hours; seed++)
        {
            var simulation = new ReplicaTrafficSimulation(seed, 3, 100, target, new Traits(Burst: burst, Disturbed: disturbed, FailingAnyway: failing));
            var trial = GateTrial.Run(_ => simulation.Next(DisturbedFleet.BlockSeconds), GateScenario.Rules, watchedBefore: 600);
            output.WriteLine($"{story}: {100 * trial.Missed:0.##} % missed, may take over after {trial.ReadyAfter} s, bets of {trial.LatencyBlocks} blocks; seed {seed}");
            Assert.Null(trial.SentBackAfter);
            Assert.NotNull(trial.ReadyAfter);
        }
    }

    [Theory]
    [InlineData("executions take twice as long", 2, 0)]
    [InlineData("one execution of a hundred fails", 1, 0.01)]
    public void A_worse_replica_that_batches_and_queues_is_sent_back_before_it_may_take_over(string story, double slower, double failing)
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var simulation = new ReplicaTrafficSimulation(seed, 3, 100, 0.015, new Traits(slower, failing, Burst: 1.5));
            var trial = GateTrial.Run(_ => simulation.Next(DisturbedFleet.BlockSeconds), GateScenario.Rules, watchedBefore: 0);
            output.WriteLine($"{story}: sent back after {trial.SentBackAfter} s; seed {seed}");
            Assert.True(trial.SentBackAfter <= 900, $"{trial}");
            Assert.Null(trial.ReadyAfter);
        }
    }

    [Fact]
    public void Many_bad_requests_of_one_block_are_one_observation()
    {
        var few = RolloutEvidence.None.After(new(new(1000, 0, 1000, 0), new(1000, 0, 1000, 50)), P99, EachBlock);
        var many = RolloutEvidence.None.After(new(new(100_000, 0, 100_000, 0), new(100_000, 0, 100_000, 5_000)), P99, EachBlock);

        Assert.Equal(few.Latency.HarmLog, many.Latency.HarmLog, 9);
        Assert.Null(many.Harm());
    }

    [Fact]
    public void What_both_sides_suffer_speaks_against_neither()
    {
        var evidence = RolloutEvidence.None;
        for (var i = 0; i < Blocks; i++)
        {
            evidence = evidence.After(new(new(2000, 300, 2000, 900), new(1000, 150, 1000, 450)), P99, EachBlock);
        }

        Assert.Null(evidence.Harm());
        Assert.Null(evidence.Missing(P99));
    }

    [Fact]
    public void Worse_than_the_old_but_within_what_the_SLO_allows_is_no_harm()
    {
        var evidence = RolloutEvidence.None;
        for (var i = 0; i < Blocks; i++)
        {
            evidence = evidence.After(new(new(2000, 0, 2000, 1), new(1000, 0, 1000, 8)), P99, EachBlock);
        }

        Assert.Null(evidence.Harm());
    }

    [Fact]
    public void Eight_bets_and_enough_requests_for_what_the_SLO_allows_let_a_revision_proceed()
    {
        Assert.Equal(300, P99.RequestsMin);
        Assert.Equal(3000, (P99 with { MissesAllowed = 0.001 }).RequestsMin);
        var evidence = RolloutEvidence.None;
        for (var i = 0; i < RolloutEvidence.BlocksMin; i++)
        {
            Assert.NotNull(evidence.Missing(P99));
            evidence = evidence.After(new(new(80, 0, 80, 0), new(40, 0, 40, 0)), P99, EachBlock);
        }

        Assert.Null(evidence.Missing(P99));
    }

    [Theory]
    [InlineData(0.01, false)]
    [InlineData(0.10, true)]
    public void Answers_that_differ_more_often_than_is_allowed_send_a_revision_back_and_others_do_not(double differing, bool isSentBack)
    {
        var (sentBack, ready) = (0, 0);
        for (var seed = 1; seed <= 200; seed++)
        {
            var (random, evidence, isReady) = (new Random(seed), RolloutEvidence.None, false);
            for (var block = 0; block < Blocks && evidence.Harm() is null; block++)
            {
                var differed = Enumerable.Range(0, 20).Count(_ => random.NextDouble() < differing);
                evidence = evidence.After(new(new(200, 0, 200, 0), new(100, 0, 100, 0) { Compared = 20, Differed = differed }), Shadowed, EachBlock);
                isReady |= evidence.Harm() is null && evidence.Missing(Shadowed) is null;
            }

            (sentBack, ready) = (sentBack + (evidence.Harm() is null ? 0 : 1), ready + (isReady ? 1 : 0));
        }

        output.WriteLine($"{100 * differing} % differ, 2 % may: {sentBack} of 200 sent back, {ready} might have taken over; seeds 1 to 200");
        Assert.True(isSentBack ? sentBack == 200 : sentBack <= AlarmsMax(200), $"{sentBack} of 200");
        Assert.True(isSentBack || ready >= 190, $"{ready} of 200");
    }

    [Fact]
    public void Where_answers_are_to_be_compared_none_takes_over_before_they_were()
    {
        var evidence = RolloutEvidence.None;
        for (var i = 0; i < 2 * RolloutEvidence.BlocksMin; i++)
        {
            evidence = evidence.After(new(new(80, 0, 80, 0), new(40, 0, 40, 0) { Compared = i < 4 ? 20 : 0 }), Shadowed, EachBlock);
        }

        Assert.Equal("answers were compared in 4 of 8 blocks of time, on 80 of 150 rows", evidence.Missing(Shadowed));
        Assert.Null(evidence.Missing(P99));
    }

    [Fact]
    public void Answers_that_all_differ_are_sent_back_within_five_blocks_with_the_reason()
    {
        var evidence = RolloutEvidence.None;
        for (var i = 0; i < 5; i++)
        {
            evidence = evidence.After(new(new(80, 0, 80, 0), new(40, 0, 40, 0) { Compared = 20, Differed = 20 }), Shadowed, EachBlock);
        }

        Assert.Equal("its answers differed from the old revision's in 100 % of 100 rows, more than minAgreement allows", evidence.Harm());
    }

    [Fact]
    public void A_wealth_that_was_written_down_goes_on_with_what_it_was_and_no_more()
    {
        var process = BettingProcess.Start.After(3, 1).After(0.2, 1).After(2, 1);
        var restored = BettingProcess.From(process.Log);

        Assert.Equal(process.Log, restored.Log, 9);
        Assert.Equal(Math.Log(1 + (0.35 * 2)), BettingProcess.Start.After(3, 1).Log, 9);
    }

    private static List<GateTrial> Trials(GateScenario story, int seeds) => [.. Enumerable.Range(1, seeds).AsParallel().AsOrdered().Select(seed => story.Run(seed))];

    /// <summary>What a chance of one in a hundred is exceeded by in one run of a hundred.</summary>
    private static double AlarmsMax(int seeds) => (seeds * RolloutEvidence.FalseAlarms) + (2.4 * Math.Sqrt(seeds * RolloutEvidence.FalseAlarms)) + 0.5;
}
