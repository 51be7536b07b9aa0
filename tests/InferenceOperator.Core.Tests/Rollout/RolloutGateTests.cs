using System.Globalization;
using InferenceOperator.Core.Rollout;
using Xunit.Abstractions;
using Traits = InferenceOperator.Core.Tests.Rollout.ReplicaTrafficSimulation.Traits;

namespace InferenceOperator.Core.Tests.Rollout;

/// <summary>What the test of roll-outs promises, over simulated hours with batches, bursts and disturbed replicas. <c>ROLLOUT_SEEDS</c> sets how many of them.</summary>
public sealed class RolloutGateTests(ITestOutputHelper output)
{
    private const double BlockSeconds = 10;

    // An hour: as long as a comparison may last.
    private const int Blocks = 360;

    private static readonly int Seeds = int.Parse(Environment.GetEnvironmentVariable("ROLLOUT_SEEDS") ?? "10", CultureInfo.InvariantCulture);

    private static readonly RolloutRules P99 = new() { MissesAllowed = 0.01, Margin = 1.5 };

    [Theory]
    [InlineData("calm, the SLO just missed", 0.010, 1, 1, 0)]
    [InlineData("bursts that miss the SLO", 0.012, 2.5, 1, 0)]
    [InlineData("failing batches", 0.060, 1.5, 1, 0.002)]
    public void An_equal_revision_is_sent_back_in_one_roll_out_of_a_hundred_at_most_although_it_is_watched_for_an_hour(string story, double target, double burst, double disturbed, double failing)
    {
        var alarms = 0;
        var proceeded = 0;
        var missed = 0.0;
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var simulation = new ReplicaTrafficSimulation(seed, 3, 100, target, new Traits(Burst: burst, Disturbed: disturbed, FailingAnyway: failing));
            var (evidence, ready) = (RolloutEvidence.None, false);
            for (var block = 0; block < Blocks && evidence.Harm() is null; block++)
            {
                evidence = evidence.After(simulation.Next(BlockSeconds), P99);
                ready |= evidence.Missing(P99) is null;
            }

            alarms += evidence.Harm() is null ? 0 : 1;
            proceeded += ready ? 1 : 0;
            missed += evidence.Latency.NewBad / evidence.Latency.NewCount;
        }

        output.WriteLine($"{story}: {alarms} false alarms, {proceeded} proceeded of {Seeds} hours, {100 * missed / Seeds:0.##} % missed; seeds 1 to {Seeds}");
        Assert.True(alarms <= AlarmsMax(Seeds), $"{alarms} of {Seeds}");
        Assert.True(proceeded >= 0.95 * Seeds, $"only {proceeded} of {Seeds} proceeded");
    }

    [Theory]
    [InlineData("executions take twice as long", 2, 0)]
    [InlineData("one execution of a hundred fails", 1, 0.01)]
    public void A_worse_revision_is_sent_back_before_it_may_proceed(string story, double slower, double failing)
    {
        var detected = new List<int>();
        var passed = 0;
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var simulation = new ReplicaTrafficSimulation(seed, 3, 100, 0.015, new Traits(slower, failing, Burst: 1.5));
            var (evidence, block) = (RolloutEvidence.None, 0);
            for (; block < Blocks && evidence.Harm() is null; block++)
            {
                evidence = evidence.After(simulation.Next(BlockSeconds), P99);
                if (evidence.Harm() is null && evidence.Missing(P99) is null)
                {
                    passed++;
                    break;
                }
            }

            detected.Add(block);
        }

        detected.Sort();
        output.WriteLine($"{story}: {passed} of {Seeds} passed; seconds until it is sent back: median {BlockSeconds * detected[Seeds / 2]:0}, 95 % {BlockSeconds * detected[(int)(Seeds * 0.95)]:0}, longest {BlockSeconds * detected[^1]:0}; seeds 1 to {Seeds}");
        Assert.True(passed <= AlarmsMax(Seeds), $"{passed} of {Seeds}");
    }

    [Fact]
    public void Many_bad_requests_of_one_block_are_one_observation()
    {
        var few = RolloutEvidence.None.After(new(new(1000, 0, 1000, 0), new(1000, 0, 1000, 50)), P99);
        var many = RolloutEvidence.None.After(new(new(100_000, 0, 100_000, 0), new(100_000, 0, 100_000, 5_000)), P99);

        Assert.Equal(few.Latency.HarmLog, many.Latency.HarmLog, 9);
        Assert.Null(many.Harm());
    }

    [Fact]
    public void What_both_sides_suffer_speaks_against_neither()
    {
        var evidence = RolloutEvidence.None;
        for (var i = 0; i < Blocks; i++)
        {
            evidence = evidence.After(new(new(2000, 300, 2000, 900), new(1000, 150, 1000, 450)), P99);
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
            evidence = evidence.After(new(new(2000, 0, 2000, 1), new(1000, 0, 1000, 8)), P99);
        }

        Assert.Null(evidence.Harm());
    }

    [Fact]
    public void Twelve_blocks_and_enough_requests_for_what_the_SLO_allows_let_a_revision_proceed()
    {
        Assert.Equal(300, P99.RequestsMin);
        Assert.Equal(3000, (P99 with { MissesAllowed = 0.001 }).RequestsMin);
        var evidence = RolloutEvidence.None;
        for (var i = 0; i < RolloutEvidence.BlocksMin; i++)
        {
            Assert.NotNull(evidence.Missing(P99));
            evidence = evidence.After(new(new(60, 0, 60, 0), new(30, 0, 30, 0)), P99);
        }

        Assert.Null(evidence.Missing(P99));
    }

    [Fact]
    public void A_wealth_that_was_written_down_goes_on_with_what_it_was_and_no_more()
    {
        var process = BettingProcess.Start.After(3, 1).After(0.2, 1).After(2, 1);
        var restored = BettingProcess.From(process.Log);

        Assert.Equal(process.Log, restored.Log, 9);
        Assert.Equal(Math.Log(1 + (0.4375 * 2)), BettingProcess.Start.After(3, 1).Log, 9);
    }

    /// <summary>What a chance of one in a hundred is exceeded by in one run of a hundred.</summary>
    private static double AlarmsMax(int seeds) => (seeds * RolloutEvidence.FalseAlarms) + (2.4 * Math.Sqrt(seeds * RolloutEvidence.FalseAlarms)) + 0.5;
}
