using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Tests.Plants;
using Xunit.Abstractions;

namespace InferenceOperator.Core.Tests.Control;

/// <summary>The controller against a simulated plant. One replica of it carries about 1,380 rows/s within 50 ms at batch 38.</summary>
public sealed class ClosedLoopTests(ITestOutputHelper output)
{
    [Fact]
    public void A_fourfold_step_is_answered_with_batch_limit_and_replicas_and_the_slo_is_met_again()
    {
        var plant = new Plant(seed: 1, Agents.Of()) { Rate = t => t < 300 ? 600 : t < 600 ? 2400 : 600 };

        plant.Run(60);
        var low = plant.Run(240);
        var lowReplicas = plant.Running;
        plant.Run(60);
        var high = plant.Run(240);
        var highReplicas = plant.Running;
        var batch = plant.Batch;
        plant.Run(60);
        var after = plant.Run(540);
        Print(plant);

        Assert.True(low >= 0.99, $"low {low}");
        Assert.True(high >= 0.99, $"high {high}");
        Assert.True(after >= 0.99, $"after {after}");
        Assert.Equal(1, lowReplicas);
        Assert.InRange(highReplicas, 2, 3);
        Assert.InRange(batch, 16, 64);
        Assert.Equal(1, plant.Running);
    }

    [Fact]
    public void An_overload_of_six_times_asks_for_no_more_than_twice_what_its_rate_needs()
    {
        var plant = new Plant(seed: 20, Agents.Of(max: 100)) { Rate = t => t < 200 ? 300 : 9000, StartUpSeconds = 30 };
        plant.Run(500);
        Print(plant);

        Assert.InRange(plant.Steps.Max(static s => s.Step.Replicas), 7, 16);
        Assert.True(plant.Run(100) >= 0.99);
    }

    [Fact]
    public void A_backlog_that_outlasts_its_flood_is_worked_off_by_those_that_were_asked_for()
    {
        var plant = new Plant(seed: 21, Agents.Of(max: 100, window: "10s")) { Rate = t => t is < 200 or > 225 ? 300 : 9000, StartUpSeconds = 30 };
        plant.Run(225);
        var most = plant.Steps.Max(static s => s.Step.Replicas);
        plant.Run(20);
        Assert.Equal(most, plant.Steps.Max(static s => s.Step.Replicas));
        plant.Run(200);
        Print(plant);

        Assert.Equal(0, plant.Last.Decision.Forecast!.BacklogRows);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Noise_of_a_fifth_turns_the_direction_at_most_once_in_ten_minutes(int seed)
    {
        var noise = new Random(seed);
        var factors = Enumerable.Range(0, 2000).Select(_ => 0.8 + (0.4 * noise.NextDouble())).ToArray();
        var plant = new Plant(seed, Agents.Of(target: "500ms"), replicas: 2)
        {
            Rate = t => 230 * factors[(int)(t / 5)],
            Service = (rows, _) => 0.06 + (0.005 * rows),
        };

        plant.Run(900);

        var counts = plant.Steps.Where(s => s.At > 300).Select(s => s.Step.Replicas).ToList();
        var moves = counts.Zip(counts.Skip(1), (a, b) => Math.Sign(b - a)).Where(m => m != 0).ToList();
        var turns = moves.Zip(moves.Skip(1)).Count(p => p.First != p.Second);
        output.WriteLine($"seed {seed}: replicas {string.Join(' ', counts.Distinct())}, turns {turns}");
        Assert.True(turns <= 1, $"{turns} turns");
    }

    [Fact]
    public void A_metric_outage_at_peak_takes_no_replica_away_and_service_goes_on()
    {
        var plant = new Plant(seed: 5, Agents.Of(target: "500ms"), replicas: 3)
        {
            Rate = t => t < 300 ? 330 : 30,
            Service = (rows, _) => 0.06 + (0.005 * rows),
            IsScraped = t => t is < 200 or > 800,
        };
        plant.Run(200);
        var before = plant.Running;

        plant.Run(590);

        Assert.Equal(before, plant.Running);
        Assert.Equal(DecisionRule.HoldUnknown, plant.Last.Decision.Rule);
        Assert.Contains("traffic is unknown", plant.Last.Decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Proven_idle_scales_down_to_the_least()
    {
        var plant = new Plant(seed: 6, Agents.Of(), replicas: 3) { Rate = t => t < 120 ? 3000 : 0 };
        plant.Run(600);
        Print(plant);

        Assert.IsType<Measurement.Idle>(plant.Last.Measurement);
        Assert.Equal(1, plant.Running);
    }

    [Fact]
    public void A_restart_of_the_operator_takes_no_replica_away_within_the_window()
    {
        var plant = new Plant(seed: 7, Agents.Of(), replicas: 3) { Rate = _ => 3000 };
        plant.Run(200);
        var running = plant.Running;
        var batch = plant.Batch;
        plant.Rate = _ => 300;
        plant.RestartController();

        plant.Run(115);

        Assert.Equal(running, plant.Running);
        Assert.Equal(batch, plant.Steps[^20].Step.Batching.MaxSize);
        plant.Run(520);
        Print(plant);
        output.WriteLine(plant.Last.Decision.Reason);
        Assert.Equal(1, plant.Running);
    }

    [Fact]
    public void A_model_that_grows_slower_is_noticed_and_met_with_more_replicas()
    {
        var plant = new Plant(seed: 8, Agents.Of(), replicas: 2)
        {
            Rate = _ => 2000,
            Service = (rows, t) => (0.006 + (0.0005 * rows)) * (t < 300 ? 1 : 1.5),
        };
        plant.Run(300);
        plant.Run(90);

        var held = plant.Run(300);
        Print(plant);

        Assert.True(held >= 0.99, $"held {held}");
        Assert.True(plant.Running >= 3);
        Assert.InRange(plant.Last.Fit!.Fixed.Seconds, 0.007, 0.011);
    }

    [Fact]
    public void Executions_that_now_and_then_take_four_times_as_long_are_planned_for()
    {
        var noise = new Random(9);
        var plant = new Plant(seed: 9, Agents.Of())
        {
            Rate = _ => 1200,
            Service = (rows, _) => (0.006 + (0.0005 * rows)) * (noise.NextDouble() < 0.02 ? 4 : 1),
        };
        plant.Run(300);

        var held = plant.Run(300);
        Print(plant);

        Assert.True(held >= 0.99, $"held {held}");
    }

    [Fact]
    public void An_slo_below_two_single_rows_is_called_infeasible_with_the_nearest_that_is_not()
    {
        var plant = new Plant(seed: 10, Agents.Of(target: "10ms")) { Rate = _ => 100 };
        plant.Run(300);
        Print(plant);

        var verdict = Assert.IsType<SloVerdict.Infeasible>(plant.Last.Slo);
        Assert.InRange(verdict.NearestSeconds, 0.012, 0.016);
        Assert.InRange(plant.Running, 1, 2);
        Assert.Contains(GuardRail.SloInfeasible, plant.Last.Decision.Guards);
    }

    [Fact]
    public void Scraped_every_second_with_a_short_window_the_whole_story_takes_less_than_a_minute()
    {
        var plant = new Plant(seed: 14, Agents.Of(window: "5s", max: 4)) { Rate = t => t is > 15 and < 40 ? 2200 : 300, Interval = 1, StartUpSeconds = 2 };
        plant.Run(15);
        var low = plant.Running;
        plant.Run(13);
        var held = plant.Run(12);
        var high = plant.Running;
        plant.Run(19);
        Print(plant);

        Assert.True(held >= 0.99, $"held {held}");
        Assert.True(high > low);
        Assert.Equal(low, plant.Running);
    }

    [Theory]
    [InlineData(ScalingMode.Recommend)]
    [InlineData(ScalingMode.Observe)]
    public void Outside_mode_Auto_the_same_is_proposed_and_nothing_is_applied(ScalingMode mode)
    {
        var plant = new Plant(seed: 11, Agents.Of(mode: mode)) { Rate = t => t < 100 ? 500 : 3000 };
        plant.Run(160);

        Assert.Equal(1, plant.Running);
        Assert.Equal(64, plant.Batch);
        Assert.True(plant.Last.Decision.Proposed.Replicas > 1);
        Assert.Equal(plant.Running, plant.Last.Decision.Applied.Replicas);
    }

    [Fact]
    public void Replicas_set_from_outside_stay_and_batching_is_tuned_all_the_same()
    {
        var plant = new Plant(seed: 12, Agents.Of(replicas: 2), replicas: 2) { Rate = _ => 2000 };
        plant.Run(200);

        Assert.Equal(2, plant.Running);
        Assert.InRange(plant.Batch, 8, 64);
    }

    [Fact]
    public void Without_an_slo_replicas_follow_seventy_percent_utilisation_at_the_largest_batch()
    {
        var plant = new Plant(seed: 13, Agents.Of(target: null)) { Rate = t => t < 60 ? 200 : 2200 };
        plant.Run(400);
        Print(plant);
        output.WriteLine(plant.Last.Decision.Reason);

        Assert.Equal(64, plant.Batch);
        Assert.InRange(plant.Running, 2, 3);
    }

    private void Print(Plant plant)
    {
        var last = "";
        foreach (var (at, step) in plant.Steps)
        {
            var line = $"{step.Replicas} x {step.Batching.MaxSize}";
            if (line != last)
            {
                output.WriteLine($"{at,5:0} s  {line,-8} {step.Decision.Rule,-10} {step.Decision.Reason}");
                last = line;
            }
        }
    }
}
