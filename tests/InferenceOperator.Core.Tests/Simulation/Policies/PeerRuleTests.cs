using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Measuring;
using InferenceOperator.Core.Simulation.Policies;

namespace InferenceOperator.Core.Tests.Simulation.Policies;

/// <summary>The published rules of the other peers on worked examples.</summary>
public sealed class PeerRuleTests
{
    [Theory]
    [InlineData(900, 10, 0, 11)] // 900/0.85 = 1,059 against 1,000: one more.
    [InlineData(900, 10, 1, 11)] // The one on its way suffices.
    [InlineData(800, 10, 0, 10)] // Between the thresholds.
    [InlineData(490, 10, 0, 7)] // 490/0.7 = 700: three to spare.
    public void Wva_adds_beyond_85_percent_and_takes_below_70(double demand, int ready, int pending, int expected) =>
        Assert.Equal(expected, new SaturationThresholds(100).Replicas(demand, ready, pending));

    [Fact]
    public void InferLine_goes_up_by_the_envelope_at_once_and_down_by_recent_seconds_after_fifteen()
    {
        var tuner = new InferLineTuner(throughput: 1000, utilization: 0.8);

        Assert.Equal(4, tuner.Replicas(envelope: 2500, recent: 1500, current: 2, sinceChange: 0));
        Assert.Equal(4, tuner.Replicas(2500, 1500, 4, 14));
        Assert.Equal(2, tuner.Replicas(2500, 1500, 4, 15));
        Assert.Equal(4, tuner.Replicas(3200, 3200, 4, 60));
    }

    [Fact]
    public void Keda_follows_the_total_and_falls_back_after_three_failed_polls()
    {
        var history = new MetricHistory(0);
        var keda = new KedaScaler(perReplica: 100, fallbackReplicas: 7);
        Add(history, 60, arrived: 60 * 250);

        Assert.Equal(3, keda.Decide(View(history, 60, wanted: 2)).Replicas);
        Assert.Equal(3, keda.Decide(View(history, 150, 3)).Replicas);
        Assert.Equal(3, keda.Decide(View(history, 180, 3)).Replicas);
        Assert.Equal(7, keda.Decide(View(history, 210, 3)).Replicas);
    }

    [Fact]
    public void Keda_goes_to_zero_after_five_quiet_minutes_where_it_may_and_back_on_activity()
    {
        var history = new MetricHistory(0);
        var keda = new KedaScaler(100);
        Add(history, 10, arrived: 1000);
        Assert.Equal(1, keda.Decide(View(history, 10, 1, min: 0)).Replicas);
        Add(history, 300, 1000);
        Add(history, 305, 1000);
        Assert.Equal(1, keda.Decide(View(history, 305, 1, min: 0)).Replicas);
        Add(history, 310, 1000);
        Assert.Equal(0, keda.Decide(View(history, 310, 1, min: 0)).Replicas);
        Add(history, 320, 1100);
        Assert.Equal(1, keda.Decide(View(history, 320, 0, min: 0)).Replicas);
    }

    [Fact]
    public void Ray_Serve_goes_up_after_half_a_minute_and_down_after_ten()
    {
        var history = new MetricHistory(0);
        var ray = new RayServeScaler(RayServeScaler.DefaultOngoing);
        var wanted = 2;
        var moves = new List<(double At, int Replicas)>();
        for (var at = 10; at <= 900; at += 10)
        {
            Add(history, at, arrived: at, held: at <= 100 ? 10.0 * at : 1000 + (3.0 * (at - 100)));
            var next = ray.Decide(View(history, at, wanted)).Replicas;
            if (next != wanted)
            {
                moves.Add((at, wanted = next));
            }
        }

        // 10 held want 5 replicas from the first look on; fewer want fewer from 110 s on, for 600 s on end.
        Assert.Equal([(50, 5), (720, 2)], moves.Select(m => ((int)m.At, m.Replicas)));
    }

    [Fact]
    public void Clippers_published_rule_grows_by_one_and_shrinks_by_a_tenth()
    {
        var rule = new AdditiveBatches(sloSeconds: 0.05, rowsMax: 64);
        for (var i = 0; i < 19; i++)
        {
            rule.Completed(rule.Limit(0), 0.01);
        }

        Assert.Equal(20, rule.Limit(0));
        rule.Completed(20, 0.06);
        Assert.Equal(18, rule.Limit(0));
        rule.Completed(3, 0.01);
        Assert.Equal(18, rule.Limit(0));
    }

    [Fact]
    public void Clippers_shipped_rule_explores_after_five_samples_and_then_estimates_what_the_budget_holds()
    {
        var rule = new EstimatedBatches(sloSeconds: 0.05, rowsMax: 64, seed: 1);
        Assert.Equal(1, rule.Limit(0));
        for (var i = 0; i < 5; i++)
        {
            rule.Completed(1, 0.0065);
        }

        Assert.Equal(2, rule.Limit(0));
        for (var rows = 2; rows <= 60; rows++)
        {
            rule.Completed(rows, 0.006 + (0.0005 * rows));
        }

        // 92 % of 25 ms is 23 ms, which the regression reads as 34 rows; nothing left means one.
        Assert.InRange(rule.Limit(0.025), 33, 34);
        Assert.Equal(1, rule.Limit(0.06));
    }

    [Fact]
    public void The_bound_follows_the_rate_at_every_instant_and_the_clairvoyant_a_start_ahead()
    {
        var workload = new Workload.Drawn(RateProfile.Step(100, 1000, at: 300, seconds: 600));
        var bound = new Foresight(workload, capacity: 150, aheadSeconds: 0);
        var ahead = new Foresight(workload, 150, 30);

        Assert.Equal((1, 7), (bound.Decide(View(new(0), 298, 1)).Replicas, bound.Decide(View(new(0), 299.5, 1)).Replicas));
        Assert.Equal((1, 7), (ahead.Decide(View(new(0), 268, 1)).Replicas, ahead.Decide(View(new(0), 270, 1)).Replicas));
        Assert.True(bound.StartsAtOnce);
        Assert.False(ahead.StartsAtOnce);
    }

    private static void Add(MetricHistory history, double at, double arrived, double held = 0)
    {
        history.Take(new MetricScrape(at, [], new TrafficSums(arrived, arrived, arrived, held, 0, 0), 0, 0, 2));
        history.Show(at);
    }

    private static PolicyView View(MetricHistory history, double now, int wanted, int min = 1) => new()
    {
        Now = now,
        Metrics = history,
        Wanted = wanted,
        Replicas = [.. Enumerable.Range(0, wanted).Select(i => new ReplicaStanding($"replica-{i}", ReplicaPhase.Ready, 0))],
        Min = min,
        Max = 100,
    };
}
