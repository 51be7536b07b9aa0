using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Queueing;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Tests.Queueing;

namespace InferenceOperator.Core.Tests.Planning.Variants;

public sealed class PlanEnumerationTests
{
    /// <summary>Rate relative to the one that is held exactly: the guard on capacities, and the precision to which they are found, to either side.</summary>
    private const double Guarded = 1 / 0.95;
    private const double Precision = 0.01;

    [Theory]
    [InlineData(0.05, 0)]
    [InlineData(0.05, 6)]
    [InlineData(0.02, 1)]
    [InlineData(0.2, 40)]
    public void It_finds_what_a_search_through_every_variant_batch_and_number_of_replicas_finds(double target, double accuracyPrice)
    {
        const int seed = 11;
        var random = new Random(seed);
        for (var i = 0; i < 12; i++)
        {
            var demand = 50 * Math.Pow(200, random.NextDouble());
            var question = Options.Ask(demand, Options.Full(target: target), Options.Student(target: target)) with { AccuracyPrice = accuracyPrice, StartUp = default };

            var best = PlanEnumeration.Of(question).Best!;

            var where = $"seed {seed}, case {i}: {demand} rows/s";
            Assert.True(best.Holds, where);
            Assert.InRange(best.CostPerHour, Search(demand * Guarded * (1 - Precision), target, accuracyPrice) - 1e-9, Search(demand * Guarded * (1 + Precision), target, accuracyPrice) + 1e-9);
        }
    }

    [Theory]
    [InlineData(300)]
    [InlineData(2000)]
    [InlineData(5200)]
    public void What_it_finds_holds_the_target_in_a_simulation_and_clearly_fewer_replicas_do_not(double demand)
    {
        const int seed = 5;
        var best = PlanEnumeration.Of(Options.Ask(demand, Options.Full())).Best!;

        Assert.True(Simulated(demand / best.Replicas) <= 0.05, $"seed {seed}");
        Assert.True(best.Replicas == 1 || Simulated(1.1 * demand / (best.Replicas - 1)) > 0.05, $"seed {seed}");

        double Simulated(double rate) => new BatchServerSimulation(best.MaxSize, rows => Options.Slow.Mean(rows)) { Seed = seed, Rate = rate, Requests = 100_000 }.Quantile(0.99);
    }

    [Fact]
    public void What_it_passes_over_would_not_have_been_better()
    {
        const int seed = 3;
        var random = new Random(seed);
        var options = new[] { Options.Full(), Options.Student() };
        for (var i = 0; i < 100; i++)
        {
            var question = Options.Ask(20_000 * random.NextDouble(), options) with { AccuracyPrice = 10 * random.NextDouble(), ReplicasMax = random.Next(1, 20), CurrentReplicas = random.Next(1, 10) };

            var few = PlanEnumeration.Of(question);
            var all = PlanEnumeration.Of(question with { WeighsAll = true });

            Assert.True(all.Best == few.Best, $"seed {seed}, case {i}: {all.Best} but {few.Best}");
            Assert.Equal(options.Sum(static o => o.Batches.Length), all.Candidates.Length);
            Assert.True(few.Candidates.Length <= all.Candidates.Length);
        }
    }

    [Fact]
    public void More_rate_is_never_a_cheaper_plan()
    {
        const int seed = 8;
        var random = new Random(seed);
        var options = new[] { Options.Full(), Options.Student() };
        for (var i = 0; i < 20; i++)
        {
            var (price, accuracyPrice, most) = (random.NextDouble(), 20 * random.NextDouble(), random.Next(1, 30));
            var cost = 0.0;
            for (var demand = 0.0; demand < 30_000; demand += 400)
            {
                var best = PlanEnumeration.Of(Options.Ask(demand, options) with { ReplicaPrice = price, AccuracyPrice = accuracyPrice, ReplicasMax = most }).Best!;
                Assert.True(best.CostPerHour >= cost - 1e-9, $"seed {seed}, case {i}: {best.CostPerHour} at {demand} rows/s, {cost} before");
                cost = best.CostPerHour;
            }
        }
    }

    [Fact]
    public void With_one_form_of_the_model_the_largest_limit_is_never_beaten()
    {
        foreach (var demand in new double[] { 10, 900, 1500, 4000, 12_345 })
        {
            var answer = PlanEnumeration.Of(Options.Ask(demand, Options.Full()) with { WeighsAll = true });

            Assert.Equal(64, answer.Best!.MaxSize);
            Assert.Equal([1, 2, 4, 8, 16, 32, 64], answer.Candidates.Select(static c => c.MaxSize));
        }
    }

    [Fact]
    public void The_price_of_a_replica_against_that_of_accuracy_decides_who_answers()
    {
        var question = Options.Ask(8000, Options.Full(), Options.Student()) with { AccuracyPrice = 50 };

        Assert.Equal(VariantShares.Full, PlanEnumeration.Of(question with { ReplicaPrice = 0.1 }).Best!.Variant);
        Assert.Equal("student", PlanEnumeration.Of(question with { ReplicaPrice = 2.5 }).Best!.Variant);
        Assert.Equal(VariantShares.Full, PlanEnumeration.Of(question with { ReplicaPrice = 2.5, AccuracyPrice = 5000 }).Best!.Variant);
    }

    [Fact]
    public void One_below_the_floor_of_accuracy_is_never_chosen_however_cheap()
    {
        var question = Options.Ask(8000, Options.Full(), Options.Student(accuracy: 0.98)) with { AccuracyFloor = 0.981 };

        Assert.DoesNotContain(PlanEnumeration.Of(question).Candidates, static c => c.Variant == "student");
        Assert.Equal("student", PlanEnumeration.Of(question with { AccuracyFloor = 0.98 }).Best!.Variant);
        Assert.Equal(VariantShares.Full, PlanEnumeration.Of(Options.Ask(8000, Options.Full(), Options.Student(accuracy: null)) with { AccuracyFloor = 0.5 }).Best!.Variant);
    }

    [Fact]
    public void One_that_is_not_resident_not_measured_or_only_for_bursts_is_not_weighed()
    {
        ModelOption[] others =
        [
            Options.Student() with { IsResident = false },
            Options.Of("new", service: null, accuracy: 1, VariantUse.Steady),
            Options.Student(use: VariantUse.Burst),
            Options.Student(use: VariantUse.Share),
        ];

        Assert.All(others, other => Assert.All(PlanEnumeration.Of(Options.Ask(8000, Options.Full(), other)).Candidates, static c => Assert.Equal(VariantShares.Full, c.Variant)));
    }

    [Fact]
    public void At_equal_cost_the_most_accurate_answers()
    {
        Assert.Equal(VariantShares.Full, PlanEnumeration.Of(Options.Ask(100, Options.Full(), Options.Student())).Best!.Variant);
        Assert.Equal("b", PlanEnumeration.Of(Options.Ask(8000, Options.Full(), Options.Of("a", Options.Fast, 0.9, VariantUse.Steady), Options.Of("b", Options.Fast, 0.95, VariantUse.Steady))).Best!.Variant);
    }

    [Fact]
    public void Where_the_bounds_do_not_suffice_the_one_that_carries_most_is_taken_and_holds_nothing()
    {
        var best = PlanEnumeration.Of(Options.Ask(50_000, Options.Full(), Options.Student()) with { ReplicasMax = 3 }).Best!;

        Assert.Equal(("student", 3, false), (best.Variant, best.Replicas, best.Holds));
    }

    [Fact]
    public void Getting_there_costs_too()
    {
        var full = PlanEnumeration.Of(Options.Ask(8000, Options.Full())).Best!;
        var there = PlanEnumeration.Of(Options.Ask(8000, Options.Full()) with { CurrentReplicas = full.Replicas }).Best!;

        Assert.Equal(full.Replicas, there.CostPerHour, 9);
        Assert.Equal(full.Replicas + ((full.Replicas - 1) * 0.1), full.CostPerHour, 9);
    }

    [Fact]
    public void With_nothing_measured_there_is_no_plan() =>
        Assert.Null(PlanEnumeration.Of(Options.Ask(100, Options.Of(VariantShares.Full, service: null, 1, VariantUse.Share))).Best);

    /// <summary>The least cost over both variants, all batch limits and up to 60 replicas of which the chain says that they hold the target.</summary>
    private static double Search(double demand, double target, double accuracyPrice)
    {
        var least = double.PositiveInfinity;
        foreach (var (service, accuracy, change) in new[] { (Options.Slow, 1.0, 0.0), (Options.Fast, 0.98, 0.2) })
        {
            for (var batch = 1; 2 * service.Mean(batch) <= target && batch <= 64; batch++)
            {
                var queue = new BatchQueue(new BatchService(batch, service.Upper, service.RelativeNoise, 1, 1), 1);
                for (var replicas = 1; replicas <= 60; replicas++)
                {
                    if (((1 + change) * replicas) + (accuracyPrice * (1 - accuracy)) < least && queue.Latency(demand / replicas)?.Quantile(0.99) <= target)
                    {
                        least = ((1 + change) * replicas) + (accuracyPrice * (1 - accuracy));
                    }
                }
            }
        }

        return least;
    }
}
