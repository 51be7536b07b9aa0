using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Measuring;
using InferenceOperator.Core.Simulation.Plant;
using InferenceOperator.Core.Tests.Queueing;
using Xunit.Abstractions;

namespace InferenceOperator.Core.Tests.Simulation;

public sealed class ServingPlantTests(ITestOutputHelper output)
{
    private static readonly ServiceFit Fit = new() { Fixed = 0.006, PerRow = 0.0005 };

    [Theory]
    [InlineData(1, 0.7)]
    [InlineData(8, 0.5)]
    [InlineData(8, 0.9)]
    [InlineData(64, 0.3)]
    [InlineData(64, 0.9)]
    public void One_replica_has_the_latencies_of_a_batch_server_simulated_another_way(int maxBatch, double load)
    {
        var rate = load * maxBatch / Fit.Mean(maxBatch);
        var other = new BatchServerSimulation(maxBatch, static rows => 0.006 + (0.0005 * rows)) { Seed = 21, Rate = rate, Requests = 400_000 };

        var plant = Plant(new() { Service = Fit, MaxBatch = maxBatch }, RateProfile.Constant(rate, 400_000 / rate), seed: 21);
        plant.AdvanceTo(400_000 / rate);

        foreach (var share in new[] { 0.5, 0.9, 0.99 })
        {
            var (expected, found) = (other.Quantile(share), plant.Latencies.Quantile(share)!.Value);
            output.WriteLine($"b {maxBatch}, load {load}, p{share * 100}: {expected * 1e3:0.000} ms, {found * 1e3:0.000} ms");
            Assert.InRange(found / expected, 0.96, 1.04);
        }
    }

    [Fact]
    public void Every_request_is_settled_once_and_latencies_are_exact()
    {
        var plant = Plant(new() { Service = Fit, MaxBatch = 2, OverheadSeconds = 0.001 }, [0, 0.001, 0.002, 0.003]);
        plant.AdvanceTo(1);

        // The first alone until 6.5 ms, two together until 13.5 ms, the last alone until 20 ms.
        Assert.Equal(new RequestCounts(4, 4, 4, 0, 0, 0, 0), plant.Counts);
        Assert.Equal(0.0075, plant.Latencies.Quantile(0.25)!.Value, 4);
        Assert.Equal(0.0125, plant.Latencies.Quantile(0.5)!.Value, 3);
        Assert.Equal(0.018, plant.Latencies.Quantile(0.99)!.Value, 3);
    }

    [Fact]
    public void A_free_replica_waits_for_company_as_long_as_it_may()
    {
        var plant = Plant(new() { Service = Fit, MaxBatch = 2, MaxDelaySeconds = 0.005 }, [0.1, 0.102, 0.2]);

        plant.AdvanceTo(0.1089);
        Assert.Equal(0, plant.Counts.Answered);
        plant.AdvanceTo(0.1091);
        Assert.Equal(2, plant.Counts.Answered);
        plant.AdvanceTo(0.2114);
        Assert.Equal(2, plant.Counts.Answered);
        plant.AdvanceTo(0.2116);
        Assert.Equal(3, plant.Counts.Answered);
    }

    [Fact]
    public void A_full_queue_refuses_and_an_old_request_expires()
    {
        var plant = Plant(new() { Service = Fit, MaxBatch = 1, QueueBound = 3, TimeoutSeconds = 0.010 }, [0, 0, 0, 0, 0, 0]);
        plant.AdvanceTo(1);

        // One runs, three wait, two are refused; the one taken at 6.5 ms is in time, those taken at 13 ms are not.
        Assert.Equal(new RequestCounts(6, 2, 2, 2, 2, 0, 0), plant.Counts);
        Assert.Equal(double.PositiveInfinity, plant.Latencies.Quantile(0.99));
    }

    [Fact]
    public void A_new_replica_serves_after_its_start_and_a_leaving_one_finishes_and_is_paid_for_till_then()
    {
        var plant = Plant(new() { Service = Fit with { Fixed = 10, PerRow = 0 }, StartUp = new StartUp.Always(30), MaxBatch = 1 }, [1, 99, 99.5]);
        plant.Scale(2);
        plant.AdvanceTo(29);
        Assert.Equal((1, 2, 58.0), (plant.Ready, plant.Paid, plant.PaidSeconds));
        plant.AdvanceTo(31);
        Assert.Equal(2, plant.Ready);

        plant.AdvanceTo(100);
        plant.Scale(1);
        Assert.Equal((1, 2), (plant.Ready, plant.Paid));
        plant.AdvanceTo(200);

        Assert.Equal(3, plant.Counts.Answered);
        Assert.Equal(1, plant.Paid);
        Assert.InRange(plant.PaidSeconds, 200 + 109 - 0.001, 200 + 109.5 + 0.001);
    }

    [Fact]
    public void A_start_that_is_no_longer_wanted_ends_at_once()
    {
        var plant = Plant(new() { Service = Fit }, []);
        plant.Scale(3);
        plant.AdvanceTo(10);

        plant.Scale(1);

        Assert.Equal((1, 1), (plant.Ready, plant.Paid));
        plant.AdvanceTo(100);
        Assert.Equal(120, plant.PaidSeconds);
    }

    [Fact]
    public void Beyond_the_quota_replicas_wait_for_a_place_unpaid()
    {
        var plant = Plant(new() { Service = Fit, Quota = 2 }, []);
        plant.Scale(4);
        plant.AdvanceTo(40);

        Assert.Equal((2, 2), (plant.Ready, plant.Paid));
        Assert.Equal(2, plant.Replicas.Count(r => r.Phase == ReplicaPhase.Unschedulable));
    }

    [Fact]
    public void A_place_that_is_drained_free_goes_to_who_waits_for_it()
    {
        var plant = Plant(new() { Service = Fit with { Fixed = 5 }, Quota = 1 }, [1]);
        plant.AdvanceTo(2);
        plant.Scale(0);
        plant.Scale(1);
        Assert.Equal((0, 1), (plant.Ready, plant.Paid));

        plant.AdvanceTo(7);
        Assert.Equal(ReplicaPhase.Starting, plant.Replicas.Single().Phase);
        plant.AdvanceTo(38);
        Assert.Equal(1, plant.Ready);
    }

    [Fact]
    public void A_lost_node_loses_what_its_replicas_hold_and_they_start_again()
    {
        var plant = Plant(new() { Service = Fit with { Fixed = 10 }, NodeLosses = [new(5, 1)] }, [1, 2, 20]);
        plant.AdvanceTo(4);
        plant.AdvanceTo(36);

        Assert.Equal(new RequestCounts(3, 0, 0, 1, 0, 2, 0), plant.Counts);
        Assert.Equal((1, 1), (plant.Ready, plant.Paid));
        Assert.Equal(0, plant.Replicas[0].Totals(36, 64, 0).Arrived);
    }

    [Fact]
    public void The_faster_variant_gets_its_share_of_the_executions()
    {
        var plant = Plant(new() { Service = Fit with { BurstSpeed = 2 }, MaxBatch = 1 }, RateProfile.Constant(10, 100), seed: 3);
        plant.BurstShare = 0.25;
        plant.AdvanceTo(110);

        Assert.Equal(plant.Counts.Answered / 4, plant.Counts.Burst);
        Assert.InRange(plant.Latencies.Quantile(0.1)!.Value, 0.00325 * 0.99, 0.00325 * 1.01);
    }

    [Theory]
    [InlineData(Routing.LeastOutstanding)]
    [InlineData(Routing.RoundRobin)]
    [InlineData(Routing.Random)]
    public void Every_ready_replica_gets_its_part(Routing routing)
    {
        var settings = new PlantSettings { Service = Fit, Routing = routing };
        var plant = new ServingPlant(settings, new RenewalArrivals(RateProfile.Constant(2000, 20), 4), new FittedService(Fit, 4), 0.05, 4, replicas: 4);
        plant.AdvanceTo(21);

        Assert.All(plant.Replicas, r => Assert.InRange(r.Totals(21, 64, 0).Answered, 9_000, 11_000));
    }

    [Fact]
    public void What_a_policy_does_moves_neither_arrivals_nor_start_ups()
    {
        var still = Story(static (_, _) => 2);
        var busy = Story(static (plant, i) => 1 + (i % 3));

        Assert.Equal(still.Counts.Arrived, busy.Counts.Arrived);

        static ServingPlant Story(Func<ServingPlant, int, int> scale)
        {
            var plant = new ServingPlant(new() { Service = Fit with { Noise = 0.2 }, StartUp = StartUp.MeasuredLoads }, new RenewalArrivals(RateProfile.Constant(500, 300, 3), 5), new FittedService(Fit, 5), 0.05, 5, 1);
            for (var i = 0; i < 60; i++)
            {
                plant.AdvanceTo(i * 5);
                plant.Scale(scale(plant, i));
            }

            return plant;
        }
    }

    [Fact]
    public void Counters_are_what_the_runtime_would_export()
    {
        var plant = Plant(new() { Service = Fit, MaxBatch = 2 }, [0.05, 0.051, 0.052, 0.35]);
        plant.AdvanceTo(0.353);

        var totals = plant.Replicas[0].Totals(0.353, 2, 0);
        Assert.Equal(new ArrivalSums(303, 3, 9, 4), totals.Arrivals); // The process began 30 s before.
        Assert.Equal((4, 3, 1, 0), (totals.Arrived, totals.Answered, totals.Held, totals.Waiting));
        Assert.Equal((2.0, 3.0, 5.0), (totals.Executions.Count, totals.Executions.Rows, totals.Executions.RowsSquared));
        Assert.Equal(0.0135 + 0.003, totals.BusySeconds, 9);
        Assert.Equal(totals.LatencySum + 0.003, totals.HeldSeconds, 9);
        Assert.Equal(3, plant.Replicas[0].Latencies().Count);
        Assert.Equal(2, plant.Replicas[0].Rows().Count);
    }

    [Fact]
    public void A_quantile_is_within_one_percent()
    {
        var histogram = new LatencyHistogram();
        for (var i = 1; i <= 100_000; i++)
        {
            histogram.Add(i * 1e-6);
        }

        Assert.All(new[] { 0.01, 0.5, 0.99, 0.999 }, share => Assert.InRange(histogram.Quantile(share)!.Value / (share * 0.1), 0.99, 1.01));
        Assert.Null(new LatencyHistogram().Quantile(0.5));
    }

    private static ServingPlant Plant(PlantSettings settings, RateProfile profile, ulong seed) =>
        new(settings, new RenewalArrivals(profile, seed), new FittedService(settings.Service, seed), 0.05, seed, 1);

    private static ServingPlant Plant(PlantSettings settings, double[] arrivals) =>
        new(settings, new ListedArrivals(arrivals), new FittedService(settings.Service, 1), 0.05, 1, 1);

    private sealed class ListedArrivals(double[] times) : ArrivalProcess
    {
        private int _next;

        public override double Next() => _next < times.Length ? times[_next++] : double.PositiveInfinity;
    }
}
