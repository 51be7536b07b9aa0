using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Measuring;
using InferenceOperator.Core.Simulation.Plant;
using InferenceOperator.Core.Simulation.Policies;
using InferenceOperator.Core.Simulation.Runs;
using Xunit.Abstractions;

namespace InferenceOperator.Core.Tests.Simulation;

public sealed class SimulationRunTests(ITestOutputHelper output)
{
    private static readonly PlantSettings Plant = new() { Service = new() { Fixed = 0.006, PerRow = 0.0005, Noise = 0.05 } };

    private static readonly ReplicaCapacity Capacity = ReplicaCapacity.Find(Plant, 0.05, 0.99);

    [Fact]
    public void The_capacity_of_a_replica_is_what_was_published_for_its_fit()
    {
        output.WriteLine($"{Capacity}");

        Assert.InRange(Capacity.Rate, 1330, 1420);
        Assert.InRange(Capacity.Concurrency, 20, 60);
        Assert.Equal(64 / 0.038, Capacity.Throughput, 6);
        Assert.Equal(0, ReplicaCapacity.Find(Plant, 0.005, 0.99).Rate);
    }

    [Fact]
    public void Enough_replicas_hold_the_slo_and_too_few_do_not()
    {
        var scenario = Scenario(RateProfile.Constant(2000, 600));

        var peak = Run("static-peak", scenario);
        var none = Run("static", scenario, new FixedReplicas(1));

        Assert.True(peak.Attainment > 0.999, $"{peak.Attainment}");
        Assert.Equal((2 * 480.0 / 3600, 1.0), (peak.GpuHours, peak.GoodMinutes), new Near());
        Assert.Equal(0, peak.Recovery.Episodes);
        Assert.True(none.Attainment < 0.05, $"{none.Attainment}");
        Assert.Equal((1, 0.0), (none.Recovery.Episodes, none.GoodMinutes));
        Assert.Equal(0.5, none.Elasticity.Under);
    }

    [Theory]
    [InlineData("operator")]
    [InlineData("hpa-rate=70")]
    [InlineData("hpa-concurrency")]
    [InlineData("hpa-gpu")]
    [InlineData("kpa-rate")]
    [InlineData("keda")]
    [InlineData("ray-serve")]
    [InlineData("wva")]
    [InlineData("inferline")]
    [InlineData("clipper")]
    [InlineData("clipper-shipped")]
    [InlineData("clairvoyant")]
    [InlineData("oracle")]
    public void Every_policy_answers_a_doubled_rate_within_five_minutes(string policy)
    {
        var result = Run(policy, Scenario(RateProfile.Step(900, 3600, 180, 600)));
        foreach (var point in result.Series.Where((_, i) => i % 6 == 0))
        {
            output.WriteLine($"{point.At,5} s: {point.Rate,6:0}/s, {point.Ready} of {point.Wanted}, batch {point.MaxBatch}, {point.Latency * 1e3:0.0} ms");
        }

        Assert.True(result.Series[^1].Ready >= 3, $"{result.Series[^1]}");
        Assert.All(result.Series.Where(p => p.At > 500), p => Assert.True(p.Violations < 0.05 * 5 * p.Rate, $"{p}"));
    }

    [Fact]
    public void The_same_run_twice_gives_the_same_result()
    {
        var scenario = Scenario(RateProfile.Square(500, 3000, 120, 400, 2)) with { Metrics = new() { Noise = 0.1, Loss = 0.1 } };

        var (first, second) = (Run("operator", scenario), Run("operator", scenario));

        Assert.Equal(first with { Series = [] }, second with { Series = [] });
        Assert.Equal(first.Series.AsEnumerable(), second.Series);
    }

    [Fact]
    public void The_faster_variant_bridges_a_start()
    {
        var scenario = Scenario(RateProfile.Step(900, 2400, 180, 400));
        scenario = scenario with { Plant = Plant with { Service = Plant.Service with { BurstSpeed = 2 } } };

        var (plain, bridged) = (Run("kpa-rate", scenario), Run("kpa-rate+burst", scenario));

        output.WriteLine($"{plain.Attainment} and {bridged.Attainment}, {bridged.Counts.Burst} on the faster variant");
        Assert.True(plain.Violations > 5 * bridged.Violations, $"{plain.Violations} and {bridged.Violations}");
        Assert.True(bridged.Counts.Burst < 0.4 * bridged.Counts.Answered);
        Assert.Equal((0, 2), (plain.VariantChanges, bridged.VariantChanges));
    }

    [Fact]
    public void Late_metrics_are_seen_late_and_in_an_outage_none()
    {
        var plant = new ServingPlant(Plant, new RenewalArrivals(RateProfile.Constant(100, 300), 1), new FittedService(Plant.Service, 1), 0.05, 1, 2);
        var plane = new MetricsPlane(new() { AgeSeconds = 30, Outages = [(100, 200)] }, 1, isDetailed: true);
        for (var at = 5; at <= 250; at += 5)
        {
            plant.AdvanceTo(at);
            plane.Scrape(plant);
            plane.History.Show(at);
            var window = plane.History.Over(15, at);
            Assert.Equal(at is < 35 or > 140 and < 230, window is null);
            Assert.True(window is null || window.At == (at < 130 ? at - 30 : at > 200 ? at - 30 : 95), $"{at}: {window}");
            Assert.True(window is null || window.Rate is > 60 and < 140, $"{at}: {window}");
        }

        Assert.Equal(2, plane.History.Scrapes[^1].Readings.Length);
    }

    [Fact]
    public void Windows_say_rate_concurrency_and_busy_share_of_all_replicas()
    {
        var plant = new ServingPlant(Plant, new RenewalArrivals(RateProfile.Constant(1000, 300), 2), new FittedService(Plant.Service, 2), 0.05, 2, 2);
        var plane = new MetricsPlane(new(), 2, false);
        for (var at = 5; at <= 120; at += 5)
        {
            plant.AdvanceTo(at);
            plane.Scrape(plant);
            plane.History.Show(at);
        }

        var window = plane.History.Over(60, 120)!;
        var busy = plant.Replicas.Average(r => r.Totals(120, 1, 0).BusySeconds) / 120;
        Assert.InRange(window.Rate, 960, 1040);
        Assert.InRange(window.Busy / busy, 0.98, 1.02);
        Assert.InRange(window.Concurrency, 10, 20);
        Assert.Equal((60, 2), (window.Seconds, window.Measured));
    }

    [Fact]
    public void An_interval_over_seeds_holds_the_mean_and_shrinks_with_them()
    {
        var few = Estimate.Of([1, 2, 3, 4]);
        var many = Estimate.Of([.. Enumerable.Range(0, 400).Select(i => 1.0 + (i % 4))]);

        Assert.Equal(2.5, few.Mean);
        Assert.InRange(few.Low, 1.2, 2);
        Assert.InRange(few.High, 3, 3.8);
        Assert.InRange(many.High - many.Low, 0.1, 0.3);
        Assert.Equal(new Estimate(7, 7, 7), Estimate.Of([7]));
    }

    [Theory]
    [InlineData("hpa", "'hpa' is no policy")]
    [InlineData("oracle=50", "takes no percentage")]
    [InlineData("hpa+burst", "'hpa' is no policy")]
    [InlineData("operator+burst", "uses the faster variant by itself")]
    [InlineData("kpa-rate=0", "a percentage above 0")]
    [InlineData("kpa-rate=x", "a percentage above 0")]
    public void A_wrong_policy_is_named(string name, string complaint)
    {
        Assert.Null(PolicyCatalog.Find(name, out var error));
        Assert.Contains(complaint, error, StringComparison.Ordinal);
    }

    private static Scenario Scenario(RateProfile profile) => new() { Workload = new Workload.Drawn(profile), Plant = Plant, SloSeconds = 0.05, Max = 20, WarmUpSeconds = 120 };

    private static RunResult Run(string policy, Scenario scenario) => Run(policy, scenario, PolicyCatalog.Find(policy, out _)!(scenario, Capacity, 1));

    private static RunResult Run(string name, Scenario scenario, IScalingPolicy policy) => new SimulationRun(name, policy, scenario, Capacity, 1).Run();

    private sealed class Near : IEqualityComparer<(double, double)>
    {
        public bool Equals((double, double) x, (double, double) y) => Math.Abs(x.Item1 - y.Item1) + Math.Abs(x.Item2 - y.Item2) < 1e-9;

        public int GetHashCode((double, double) x) => 0;
    }
}
