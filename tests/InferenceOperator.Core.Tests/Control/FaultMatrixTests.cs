using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Tests.Plants;
using Xunit.Abstractions;

namespace InferenceOperator.Core.Tests.Control;

/// <summary>The ten ways in which measurements fail: none takes a replica away, and proven idleness still does afterwards.</summary>
/// <remarks>
/// A Prometheus that is down, refuses, answers too late or answers nothing gives no sample: how each of them becomes that is tested where Prometheus is asked.
/// </remarks>
public sealed class FaultMatrixTests(ITestOutputHelper output)
{
    /// <summary>The begin is over by then: what was started too much is gone.</summary>
    private const double Begin = 600;
    private const double End = 1000;

    public static TheoryData<string> Faults => new(
        "down", "refuses", "slow", "empty", "NaN", "infinite", "stale", "part missing", "clock ahead", "clock behind", "clock a little ahead", "reset", "stands still");

    public static TheoryData<string> Blinding => new("down", "NaN", "infinite", "stale", "part missing", "clock ahead", "stands still");

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_under_steady_load_takes_no_replica_away(string fault)
    {
        var plant = Loaded(seed: 41, fault, _ => 300);
        plant.Run(Begin);
        var before = plant.Running;

        plant.Run(End - Begin + 60);

        Print(plant);
        Assert.True(before >= 3);
        Assert.All(plant.Steps.Where(s => s.At > Begin), s => Assert.True(s.Step.Replicas >= before, $"{s.At} s: {s.Step.Decision.Reason}"));
    }

    [Theory]
    [MemberData(nameof(Blinding))]
    public void While_nothing_is_known_replicas_stay_and_proven_idleness_takes_them_away_afterwards(string fault)
    {
        var plant = Loaded(seed: 42, fault, t => t < Begin ? 330 : 0);
        plant.Run(Begin);
        var before = plant.Running;

        plant.Run(End - Begin);

        var during = plant.Steps.Where(s => s.At > Begin + 15 && s.At < End - 1).ToList();
        Assert.All(during, s => Assert.IsType<Measurement.Unknown>(s.Step.Measurement));
        Assert.All(during, s => Assert.Equal((before, DecisionRule.HoldUnknown), (s.Step.Replicas, s.Step.Decision.Rule)));

        plant.Run(400);

        Print(plant);
        Assert.IsType<Measurement.Idle>(plant.Last.Measurement);
        Assert.Equal(1, plant.Running);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void With_the_replicas_read_directly_meanwhile_a_doubled_load_is_answered(string fault)
    {
        var plant = Loaded(seed: 43, fault, t => t < Begin + 60 ? 250 : 500);
        var broken = plant.Relay;
        plant.Relay = (t, samples) => t is >= Begin and < End ? [.. broken(t, samples), .. samples] : broken(t, samples);
        plant.Run(Begin + 60);
        var before = plant.Running;

        plant.Run(60);

        Print(plant);
        Assert.True(plant.Running >= before + 2, $"{before} replicas, then {plant.Running}");
    }

    [Theory]
    [InlineData(-8)]
    [InlineData(-3)]
    [InlineData(3)]
    [InlineData(8)]
    public void Going_over_to_the_replicas_and_back_makes_no_rate_jump_however_the_clocks_differ(double ahead)
    {
        var plant = new Plant(seed: 44, Agents.Of(target: "500ms"), replicas: 3) { Rate = _ => 250, Service = (rows, _) => 0.06 + (0.005 * rows) };

        // From Prometheus, then from both, then from the replicas alone, and back.
        plant.Relay = (t, samples) => [.. t % 200 < 120 ? samples.Select(s => Queried(s, ahead)) : [], .. t % 200 >= 100 ? samples : []];
        plant.Run(900);

        var rates = plant.Steps.Where(s => s.At > 220).Select(s => (s.At, Traffic: (s.Step.Measurement as Measurement.Measured)?.Traffic)).ToList();
        output.WriteLine(string.Join(' ', rates.Select(r => $"{r.Traffic?.Short.RequestRate:0}")));
        Assert.All(rates, r => Assert.NotNull(r.Traffic));
        Assert.All(rates, r => Assert.InRange(r.Traffic!.Short.RequestRate, 195, 305));
        Assert.All(rates, r => Assert.InRange(r.Traffic!.Medium.RequestRate, 215, 285));
    }

    [Fact]
    public void Metrics_that_are_steadily_a_minute_late_are_planned_with_and_a_doubled_load_is_answered()
    {
        var late = new Queue<(double At, ReplicaSample[] Samples)>();
        var plant = new Plant(seed: 45, Agents.Of(target: "500ms", min: 1), replicas: 3)
        {
            Rate = t => t < Begin ? 250 : t < End ? 500 : 0,
            Service = (rows, _) => 0.06 + (0.005 * rows),
        };
        plant.Relay = (t, samples) =>
        {
            late.Enqueue((t, [.. samples]));
            return late.Peek().At <= t - 60 ? late.Dequeue().Samples : [];
        };
        plant.Run(Begin);
        var before = plant.Running;
        plant.Run(150);
        var doubled = plant.Running;
        var held = plant.Run(End - Begin - 150);
        plant.Run(500);

        Print(plant);
        Assert.All(plant.Steps.Where(s => s.At is > 150 and < End), s => Assert.IsType<Measurement.Measured>(s.Step.Measurement));
        Assert.InRange(before, 3, 5);
        Assert.True(doubled >= before + 2, $"{before} replicas, then {doubled}");
        Assert.True(held >= 0.99, $"held {held}");
        Assert.Equal(1, plant.Running);
    }

    private static Plant Loaded(int seed, string fault, Func<double, double> rate)
    {
        var distorted = Distorted(fault);
        return new Plant(seed, Agents.Of(target: "500ms", min: 1), replicas: 3)
        {
            Rate = rate,
            Service = (rows, _) => 0.06 + (0.005 * rows),
            Relay = (t, samples) => t is >= Begin and < End ? distorted(t, samples) : samples.Select(s => Queried(s)),
        };
    }

    /// <summary>The sample as Prometheus would have it.</summary>
    private static ReplicaSample Queried(ReplicaSample s, double ahead = 0) => s with { Source = MetricSource.Prometheus, SampledAt = s.SampledAt + TimeSpan.FromSeconds(ahead) };

    private static Func<double, IReadOnlyList<ReplicaSample>, IEnumerable<ReplicaSample>> Distorted(string fault)
    {
        var first = new Dictionary<string, ReplicaSample>();
        ReplicaSample First(ReplicaSample s) => first.TryGetValue(s.Replica, out var known) ? known : first[s.Replica] = s;
        IEnumerable<ReplicaSample> Each(IReadOnlyList<ReplicaSample> samples, Func<ReplicaSample, ReplicaSample> what) => samples.Select(s => what(Queried(s)));
        IEnumerable<ReplicaSample> Values(IReadOnlyList<ReplicaSample> samples, double value) =>
            Each(samples, s => s with { Counters = s.Counters with { Answered = value, Arrivals = s.Counters.Arrivals with { Requests = value } } });
        return fault switch
        {
            "down" or "refuses" or "slow" or "empty" => (_, _) => [],
            "NaN" => (_, samples) => Values(samples, double.NaN),
            "infinite" => (_, samples) => Values(samples, double.PositiveInfinity),
            "stale" => (_, samples) => Each(samples, s => First(s) with { SampledAt = Plant.Origin + TimeSpan.FromSeconds(Begin - 300) }),
            "part missing" => (_, samples) => Each([.. samples.Take(samples.Count / 2)], s => s),
            "clock ahead" => (_, samples) => Each(samples, s => Queried(s, 60)),
            "clock behind" => (_, samples) => Each(samples, s => Queried(s, -60)),
            "clock a little ahead" => (_, samples) => Each(samples, s => Queried(s, 4)),
            "reset" => (_, samples) => Each(samples, s => s.Replica == "replica-0" ? Restarted(First(s), s) : s),
            "stands still" => (_, samples) => Each(samples, s => First(s) with { SampledAt = s.SampledAt }),
            _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "not a fault"),
        };
    }

    /// <summary>What the replica would say had its process started anew at the first of the two samples.</summary>
    private static ReplicaSample Restarted(ReplicaSample at, ReplicaSample now)
    {
        var (before, after) = (at.Counters, now.Counters);
        return now with
        {
            Counters = after with
            {
                ProcessStartedAt = at.SampledAt,
                Answered = after.Answered - before.Answered,
                SloRequests = after.SloRequests - before.SloRequests,
                SloMet = after.SloMet - before.SloMet,
                Executions = after.Executions - before.Executions,
                Arrivals = after.Arrivals - before.Arrivals,
                Phases = after.Phases - before.Phases,
                Latency = after.Latency.Plus(before.Latency, -1),
                BatchRows = after.BatchRows.Plus(before.BatchRows, -1),
            },
        };
    }

    private void Print(Plant plant)
    {
        var last = "";
        foreach (var (at, step) in plant.Steps.Where(s => s.At > Begin - 10))
        {
            var line = $"{step.Replicas} {step.Measurement.GetType().Name} {(step.Measurement as Measurement.Unknown)?.Reason}";
            if (line != last)
            {
                output.WriteLine($"{at,5:0} s  {line}: {step.Decision.Reason}");
                last = line;
            }
        }
    }
}
