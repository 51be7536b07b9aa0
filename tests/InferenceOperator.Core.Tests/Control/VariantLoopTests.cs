using System.Text.Json;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Tests.Plants;
using Xunit.Abstractions;

namespace InferenceOperator.Core.Tests.Control;

/// <summary>The controller against a simulated plant whose replicas carry about 135 rows/s each within 500 ms, and have a variant of twice the speed in memory.</summary>
public sealed class VariantLoopTests(ITestOutputHelper output)
{
    private const double Step = 400;

    [Fact]
    public void While_replicas_start_the_burst_variant_answers_and_then_the_model_itself_again()
    {
        var (with, without) = (Stepped(VariantUse.Burst), Stepped(VariantUse.Share));
        with.Run(Step);
        without.Run(Step);

        var (bridged, plain) = (with.Run(120), without.Run(120));
        with.Run(300);
        Print(with);

        var answered = with.Steps.Where(s => s.Step.Choice.Burst is not null && s.At > Step).Select(static s => s.At).ToList();
        output.WriteLine($"attainment {bridged} with, {plain} without; burst from {answered[0]} to {answered[^1]}");
        Assert.True(1 - bridged < 0.6 * (1 - plain), $"{bridged} with, {plain} without");
        Assert.All(without.Steps, static s => Assert.Equal(VariantChoice.Full, s.Step.Choice));
        Assert.InRange(answered[^1] - answered[0], 30, 150);
        Assert.Equal(2, Changes(with, Step - 10));
        Assert.True(with.Running <= without.Running);
        Assert.Contains(with.Steps, static s => s.Step.Decision.Reason.Contains("small answers until there are enough replicas", StringComparison.Ordinal));
        Assert.Contains(with.Steps, static s => s.Step.Decision.Rule == DecisionRule.Variant && s.Step.Decision.Reason.Contains("small goes", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Noise_of_a_fifth_at_constant_load_brings_the_burst_variant_at_most_once_in_ten_minutes(int seed)
    {
        var noise = new Random(seed);
        var factors = Enumerable.Range(0, 400).Select(_ => 0.8 + (0.4 * noise.NextDouble())).ToArray();
        var plant = new Plant(seed, Declared(VariantUse.Burst), replicas: 2) { Rate = t => 230 * factors[(int)(t / 5)], Service = Slow };

        plant.Run(1500);

        Print(plant);
        Assert.True(Changes(plant, 300) <= 4, $"seed {seed}: {Changes(plant, 300)} changes in 20 minutes");
    }

    [Theory]
    [InlineData("down")]
    [InlineData("stale")]
    [InlineData("part missing")]
    [InlineData("NaN")]
    public void While_traffic_is_unknown_nobody_else_begins_or_ceases_to_answer(string fault)
    {
        var plant = Stepped(VariantUse.Burst);
        plant.Relay = (t, samples) => t is < Step + 25 or > Step + 325 ? samples : fault switch
        {
            "down" => [],
            "stale" => samples.Select(s => s with { SampledAt = Plant.Origin + TimeSpan.FromSeconds(Step) }),
            "part missing" => samples.Skip(1),
            _ => samples.Select(static s => s with { Counters = s.Counters with { Answered = double.NaN } }),
        };
        plant.Run(Step + 25);
        Assert.Equal("small", plant.Last.Choice.Burst);

        plant.Run(600);

        Print(plant);
        foreach (var (before, after) in plant.Steps.Zip(plant.Steps.Skip(1)))
        {
            Assert.True(after.Step.Measurement is not Measurement.Unknown || before.Step.Choice == after.Step.Choice, $"{after.At} s: {after.Step.Decision.Reason}");
        }

        Assert.Equal(VariantChoice.Full, plant.Last.Choice);
    }

    [Fact]
    public void A_restart_of_the_operator_in_a_burst_changes_nobody_who_answers()
    {
        var plant = Stepped(VariantUse.Burst);
        plant.Run(Step + 20);
        Assert.Equal("small", plant.Last.Choice.Burst);

        plant.RestartController();
        plant.Run(5);

        Assert.Equal("small", plant.Last.Choice.Burst);
        Assert.NotNull(plant.Last.Decision.Basis.Variants!.Options[0].Service);
        plant.Run(300);
        Assert.Equal(VariantChoice.Full, plant.Last.Choice);
    }

    [Fact]
    public void A_floor_that_rises_above_its_accuracy_ends_a_burst_at_once_and_none_begins()
    {
        var plant = Stepped(VariantUse.Burst);
        plant.Run(Step + 20);
        plant.Agent = plant.Agent with { Spec = plant.Agent.Spec with { Quantization = new() { MinAccuracy = "0.99" } } };

        plant.Run(5);

        Assert.Equal(VariantChoice.Full, plant.Last.Choice);
        plant.Run(300);
        Assert.All(plant.Steps.Where(static s => s.At > Step + 20), static s => Assert.Equal(VariantChoice.Full, s.Step.Choice));
    }

    [Fact]
    public void One_that_is_no_faster_is_let_go_once_it_is_measured()
    {
        var plant = Stepped(VariantUse.Burst);
        plant.BurstSpeed = 1;

        plant.Run(Step + 300);

        Print(plant);
        Assert.Contains(plant.Steps, static s => s.Step.Decision.Guards.Contains(GuardRail.BurstNotFaster));
        Assert.Equal(VariantChoice.Full, plant.Last.Choice);
    }

    [Fact]
    public void Where_decisions_are_only_recommended_nobody_else_answers()
    {
        var agent = Declared(VariantUse.Steady);
        var plant = new Plant(9, agent with { Spec = agent.Spec with { Scaling = agent.Spec.Scaling with { Mode = ScalingMode.Recommend } } }) { Rate = _ => 300, Service = Slow };

        plant.Run(300);

        Assert.All(plant.Steps, static s => Assert.Equal(VariantChoice.Full, s.Step.Choice));
        Assert.Contains(plant.Steps, static s => s.Step.Decision.Proposed.Choice.Burst == "small");
    }

    [Fact]
    public void A_variant_that_may_stay_answers_for_good_on_fewer_replicas_within_the_slo()
    {
        var plant = new Plant(3, Declared(VariantUse.Steady), replicas: 2) { Rate = t => t < 1800 ? 600 : 60, Service = Slow };
        plant.Run(1500);
        Print(plant);

        Assert.Equal(new VariantChoice("small", null), plant.Last.Choice);
        Assert.InRange(plant.Running, 2, 3);
        Assert.True(plant.Run(300) >= 0.99);
        Assert.Equal("small", plant.Last.Decision.Candidates.MinBy(static c => c.CostPerHour)!.Variant);

        plant.Run(900);
        Assert.Equal(VariantChoice.Full, plant.Last.Choice);
        Assert.Equal(1, plant.Running);
    }

    [Theory]
    [InlineData(VariantUse.Burst)]
    [InlineData(VariantUse.Steady)]
    public void Every_record_is_decided_again_to_the_same_bytes(VariantUse use)
    {
        var plant = Stepped(use);
        plant.Run(Step + 300);

        foreach (var (at, step) in plant.Steps.Where(static (_, i) => i % 7 == 0))
        {
            var written = JsonSerializer.Serialize(step.Decision, AgentJson.Default.DecisionRecord);
            var read = JsonSerializer.Deserialize(written, AgentJson.Default.DecisionRecord)!;
            Assert.Equal(step.Decision, read);
            Assert.True(written == JsonSerializer.Serialize(DecisionRules.Decide(read.Basis), AgentJson.Default.DecisionRecord), $"{at} s");
        }
    }

    private static Plant Stepped(VariantUse use) => new(8, Declared(use), replicas: 2) { Rate = static t => t < Step ? 200 : 480, Service = Slow, StartUpSeconds = 40 };

    private static double Slow(int rows, double at) => 0.06 + (0.005 * rows);

    private static InferenceAgent Declared(VariantUse use)
    {
        var agent = Agents.Of(target: "500ms");
        return agent with { Spec = agent.Spec with { Variants = [new() { Name = "small", Model = new() { Uri = "pvc://models/small.onnx" }, Use = use, Accuracy = "0.98" }] } };
    }

    private static int Changes(Plant plant, double from)
    {
        var choices = plant.Steps.Where(s => s.At > from).Select(static s => s.Step.Choice).ToList();
        return choices.Zip(choices.Skip(1)).Count(static p => p.First != p.Second);
    }

    private void Print(Plant plant)
    {
        foreach (var (at, step) in plant.Steps.Where(static s => s.Step.Decision.Rule is not (DecisionRule.Hold or DecisionRule.HoldDown)))
        {
            output.WriteLine($"{at,6:0} s {step.Decision.Rule} {step.Choice.Answers}: {step.Decision.Reason}");
        }
    }
}
