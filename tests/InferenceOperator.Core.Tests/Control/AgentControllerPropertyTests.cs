using System.Text.Json;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Control.Replay;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Tests.Plants;
using Xunit.Abstractions;

namespace InferenceOperator.Core.Tests.Control;

/// <summary>What holds whatever happens: random load, service times, outages, restarts and changes of the manifest.</summary>
public sealed class AgentControllerPropertyTests(ITestOutputHelper output)
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(100, 8)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Bounds_are_kept_and_nothing_goes_down_on_Unknown(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var plant = RandomPlant(random, seed);
        for (var i = 0; i < 15; i++)
        {
            Disturb(plant, random);
            var before = plant.Steps.Count;
            plant.Run(30);
            Check(plant, before);
        }
    }

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    public void Equal_inputs_give_equal_records(int seed)
    {
        output.WriteLine($"seed {seed}");

        Assert.Equal(Story(seed), Story(seed));

        static List<DecisionRecord> Story(int seed)
        {
            var random = new Random(seed);
            var plant = RandomPlant(random, seed);
            for (var i = 0; i < 6; i++)
            {
                Disturb(plant, random);
                plant.Run(30);
            }

            return [.. plant.Steps.Select(s => s.Step.Decision)];
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void More_rate_never_means_fewer_replicas_all_else_equal(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var plant = RandomPlant(random, seed);
        for (var i = 0; i < 10; i++)
        {
            Disturb(plant, random);
            plant.Run(30);
        }

        // Until s(b) is told from two sizes the batch limit answers more rate first, and raises what a replica carries.
        var known = plant.Steps.Select(s => s.Step.Decision).Where(d => d.Basis is { Measurement: Measurement.Measured, Service: not ServiceTime.OnePoint }).ToList();
        foreach (var d in known.Where((_, i) => i % 5 == 0))
        {
            var last = d.Applied.Replicas;
            foreach (var factor in new[] { 1.01, 1.1, 1.5, 4 })
            {
                var more = DecisionRules.Decide(With(d.Basis, factor)).Applied.Replicas;
                Assert.True(more >= last, $"{d.At}: {last} replicas, with {factor} times the rate {more}: {d.Reason}");
                last = more;
            }
        }

        static DecisionBasis With(DecisionBasis basis, double factor)
        {
            var measured = (Measurement.Measured)basis.Measurement;
            WindowRates More(WindowRates r) => r with { RequestRate = r.RequestRate * factor, RowRate = r.RowRate * factor };
            var t = measured.Traffic;
            return basis with { Measurement = measured with { Traffic = t with { Short = More(t.Short), Medium = More(t.Medium), Long = More(t.Long) } } };
        }
    }

    private static Plant RandomPlant(Random random, int seed)
    {
        var min = random.Next(1, 4);
        var target = random.Next(4) == 0 ? null : $"{random.Next(5, 200)}ms";
        var plant = new Plant(seed, Agents.Of(target, min, min + random.Next(0, 12), window: $"{random.Next(5, 120)}s", maxBatch: random.Next(1, 129), maxDelay: $"{random.Next(0, 5)}ms"), replicas: random.Next(1, 5))
        {
            StartUpSeconds = random.Next(1, 60),
            Interval = random.Next(1, 6),
        };
        var (a, m) = (0.001 + (random.NextDouble() * 0.02), random.NextDouble() * 0.002);
        plant.Service = (rows, _) => a + (m * rows);
        return plant;
    }

    private static void Disturb(Plant plant, Random random)
    {
        var rate = random.Next(5) == 0 ? 0 : Math.Exp(random.NextDouble() * 6);
        plant.Rate = _ => rate;
        var scraped = random.Next(5) != 0;
        plant.IsScraped = _ => scraped;
        switch (random.Next(8))
        {
            case 0:
                plant.RestartController();
                break;
            case 1:
                var min = random.Next(1, 6);
                plant.Agent = plant.Agent with { Spec = plant.Agent.Spec with { Scaling = plant.Agent.Spec.Scaling with { MinReplicas = min, MaxReplicas = min + random.Next(0, 6) } } };
                break;
            case 2:
                plant.Agent = plant.Agent with { Spec = plant.Agent.Spec with { Batching = plant.Agent.Spec.Batching with { MaxSize = random.Next(1, 65) } } };
                break;
            case 3:
                var (a, m) = (0.001 + (random.NextDouble() * 0.02), random.NextDouble() * 0.002);
                plant.Service = (rows, _) => a + (m * rows);
                break;
        }
    }

    private static void Check(Plant plant, int from)
    {
        var (scaling, batching) = (plant.Agent.Spec.Scaling, plant.Agent.Spec.Batching);
        foreach (var (at, step) in plant.Steps.Skip(from))
        {
            var d = step.Decision;
            Assert.InRange(step.Replicas, scaling.MinReplicas, scaling.MaxReplicas);
            Assert.InRange(step.Batching.MaxSize, 1, batching.MaxSize);
            Assert.InRange(step.Batching.MaxDelay.Nanoseconds, 0, batching.MaxDelay.Nanoseconds);
            Assert.InRange(step.WakeAfter, TimeSpan.FromTicks(1), AgentController.TickMax);
            if (step.Measurement is Measurement.Unknown)
            {
                Assert.True(step.Replicas >= Math.Min(d.Basis.Current.Replicas, scaling.MaxReplicas), $"{at} s: {d.Reason}");
            }

            Assert.True(d.CapacityPerReplica is null or > 0, d.Reason);
            Assert.True(d.Reason.Length is > 10 and < 600 && d.Reason.EndsWith('.'), d.Reason);
            var json = JsonSerializer.Serialize(d, AgentJson.Default.DecisionRecord);
            var read = JsonSerializer.Deserialize(json, AgentJson.Default.DecisionRecord)!;
            Assert.Equal(d, read);
            Assert.IsType<ReplayVerdict.Same>(new DecisionReplay().Of(DecisionRules.Line(d)));
        }
    }
}
