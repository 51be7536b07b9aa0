using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Control.Replay;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Tests.Plants;
using Xunit.Abstractions;

namespace InferenceOperator.Core.Tests.Control.Replay;

public sealed class DecisionReplayTests(ITestOutputHelper output)
{
    private static readonly Lazy<DecisionRecord> Busy = new(static () =>
    {
        var plant = new Plant(seed: 31, Agents.Of()) { Rate = static t => 400 + (5 * t) };
        plant.Run(300);
        return plant.Last.Decision;
    });

    [Fact]
    public void A_decision_of_a_running_controller_comes_out_again_from_its_line_alone()
    {
        var plant = new Plant(seed: 32, Agents.Of()) { Rate = static t => 400 + (300 * Math.Sin(t / 40)) };
        plant.Run(400);
        var replay = new DecisionReplay();

        Assert.All(plant.Steps, s => Assert.IsType<ReplayVerdict.Same>(replay.Of(DecisionRules.Line(s.Step.Decision))));
    }

    [Fact]
    public void Lines_may_come_in_any_order_and_by_themselves()
    {
        var plant = new Plant(seed: 33, Agents.Of()) { Rate = static t => t < 150 ? 300 : 2500 };
        plant.Run(400);

        Assert.All(plant.Steps.AsEnumerable().Reverse().Where(static (_, i) => i % 7 == 0), s => Assert.IsType<ReplayVerdict.Same>(new DecisionReplay().Of(DecisionRules.Line(s.Step.Decision))));
    }

    [Fact]
    public void A_field_that_was_changed_is_named_with_both_values()
    {
        var line = Changed(static record => record["proposed"]!["replicas"] = 77);

        var verdict = Assert.IsType<ReplayVerdict.Different>(new DecisionReplay().Of(line));

        Assert.Equal(new FieldDifference("proposed.replicas", "77", $"{Busy.Value.Proposed.Replicas}"), Assert.Single(verdict.Fields));
        Assert.Equal(1, verdict.Count);
    }

    [Fact]
    public void A_field_that_is_missing_or_too_many_is_named()
    {
        var line = Changed(static record =>
        {
            record.AsObject().Remove("trimFactor");
            record["basis"]!["mood"] = "bad";
            record["guards"]!.AsArray().Add(JsonValue.Create("DownStep"));
        });
        var verdict = Assert.IsType<ReplayVerdict.Different>(new DecisionReplay().Of(line));

        Assert.Equal(["basis.mood", $"guards[{Busy.Value.Guards.Length}]", "trimFactor"], verdict.Fields.Select(static f => f.Path));
        Assert.Equal([true, true, false], verdict.Fields.Select(static f => f.Decided is null));
        Assert.Equal([false, false, true], verdict.Fields.Select(static f => f.Recorded is null));
    }

    [Fact]
    public void Another_basis_makes_another_decision()
    {
        var line = Changed(static record => record["basis"]!["scaling"]!["maxReplicas"] = 1);

        var verdict = Assert.IsType<ReplayVerdict.Different>(new DecisionReplay().Of(line));

        Assert.Contains(verdict.Fields, static f => f is { Path: "proposed.replicas", Decided: "1" });
        Assert.Contains(verdict.Fields, static f => f.Path == "reason");
    }

    [Fact]
    public void Spaces_are_a_difference_too()
    {
        byte[] line = [.. DecisionRules.Line(Busy.Value), (byte)' '];

        Assert.Equal(0, Assert.IsType<ReplayVerdict.Different>(new DecisionReplay().Of(line)).Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(DecisionRules.Current + 1)]
    [InlineData(-3)]
    public void Unknown_rules_are_named(int rules)
    {
        var verdict = new DecisionReplay().Of(Changed(record => record["rules"] = rules));

        Assert.Equal(new ReplayVerdict.UnknownRules(rules), verdict);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"rules\":\"1\"}")]
    [InlineData("{\"rules\":1}")]
    [InlineData("{\"rules\":1,\"basis\":null}")]
    [InlineData("{\"rules\":99999999999}")]
    [InlineData("{\"rules\":1}}")]
    public void What_is_no_record_is_damaged(string line) =>
        Assert.IsType<ReplayVerdict.Damaged>(new DecisionReplay().Of(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void A_record_that_breaks_the_rules_promises_is_damaged_and_harms_nothing()
    {
        var replay = new DecisionReplay();
        Action<JsonNode>[] harms =
        [
            static r => r["basis"]!["service"] = JsonNode.Parse("""{"kind":"table","points":[],"trend":{"kind":"fitted","fixed":0.1,"perRow":0.1,"meanVariance":0,"slopeVariance":0}}"""),
            static r => r["basis"]!["service"] = JsonNode.Parse("""{"kind":"table","points":[[1,2,3]],"trend":{"kind":"fitted","fixed":0.1,"perRow":0.1,"meanVariance":0,"slopeVariance":0}}"""),
            static r => r["basis"]!["slo"]!["latency"]!["percentile"] = "high",
            static r => r["basis"]!["measurement"]!["kind"] = "guessed",
            static r => r["basis"]!.AsObject().Remove("forecast"),
            static r => r["basis"]!["at"] = "yesterday",
        ];

        Assert.All(harms, harm => Assert.IsType<ReplayVerdict.Damaged>(replay.Of(Changed(harm))));
        Assert.IsType<ReplayVerdict.Same>(replay.Of(DecisionRules.Line(Busy.Value)));
    }

    /// <summary>Whatever stands in a file: there is an answer, and soon.</summary>
    [Fact]
    public void A_record_with_any_value_in_any_place_has_a_verdict()
    {
        var damaged = 0;
        var replay = new DecisionReplay();
        var cases = new FuzzRun(output, "decision record").Run(400, random =>
        {
            var line = Changed(record => Disturb(record["basis"]!, random));
            var verdict = replay.Of(line);
            damaged += verdict is ReplayVerdict.Damaged ? 1 : 0;
        });

        output.WriteLine($"{damaged} of {cases} were refused");
        Assert.InRange(damaged, 1, cases - 1);
    }

    private static void Disturb(JsonNode node, Random random)
    {
        while (true)
        {
            var children = node is JsonArray array ? [.. array] : node.AsObject().Select(static p => p.Value).ToList();
            var leaves = children.Index().Where(static c => c.Item is not (JsonObject { Count: > 0 } or JsonArray { Count: > 0 })).ToList();
            var branches = children.Where(static c => c is JsonObject { Count: > 0 } or JsonArray { Count: > 0 }).ToList();
            if (branches.Count > 0 && (leaves.Count == 0 || random.Next(3) > 0))
            {
                node = branches[random.Next(branches.Count)]!;
                continue;
            }

            string[] values = ["0", "-1", "1e-300", "1e300", "\"NaN\"", "\"Infinity\"", "\"x\"", "null", "2147483647", "0.5", "7", "[]", "true"];
            var (place, value) = (leaves[random.Next(leaves.Count)].Index, JsonNode.Parse(values[random.Next(values.Length)]));
            if (node is JsonArray items)
            {
                items[place] = value;
            }
            else
            {
                node.AsObject()[node.AsObject().ElementAt(place).Key] = value;
            }

            return;
        }
    }

    [Fact]
    public void A_line_cut_anywhere_is_told_from_a_damaged_one()
    {
        var line = DecisionRules.Line(Busy.Value);
        var replay = new DecisionReplay();

        for (var length = 1; length < line.Length; length += 13)
        {
            Assert.IsType<ReplayVerdict.Cut>(replay.Of(line.AsSpan(0, length)));
        }

        line[line.Length / 2] = 0xFF;
        Assert.IsType<ReplayVerdict.Damaged>(replay.Of(line));
    }

    [Fact]
    public void Numbers_come_back_to_the_last_bit_whatever_they_are()
    {
        double[] numbers = [0.1 + 0.2, 1.0 / 3, Math.PI * 1e-300, double.Epsilon, double.MaxValue, -0.0, 1e22, 123456789.123456789, double.PositiveInfinity, double.NegativeInfinity, double.NaN];
        foreach (var number in numbers)
        {
            var basis = Busy.Value.Basis with { MostDemand = number, Capacities = CapacityAnchors.None with { Dispersion = number, Objective = new Objective(number, 0.99, number) } };
            var line = DecisionRules.Line(Busy.Value with { Basis = basis });

            var read = DecisionRules.Read(line);

            Assert.Equal(BitConverter.DoubleToInt64Bits(number), BitConverter.DoubleToInt64Bits(read.Basis.MostDemand));
            Assert.Equal(BitConverter.DoubleToInt64Bits(number), BitConverter.DoubleToInt64Bits(read.Basis.Capacities.Objective!.TargetSeconds));
            Assert.Equal(line, DecisionRules.Line(read));
        }
    }

    [Fact]
    public void Figures_are_kept_to_six_digits_so_that_another_machine_finds_the_same()
    {
        var d = Busy.Value;

        Assert.All(new[] { d.CapacityPerReplica!.Value, d.PredictedSeconds!.Value, d.Forecast!.RowsPerSecond, d.Forecast.HorizonSeconds }, static figure =>
            Assert.True(figure.ToString("R", CultureInfo.InvariantCulture).TrimStart('0', '.').Count(char.IsAsciiDigit) <= 6, $"{figure:R}"));
        Assert.Contains(d.Basis.Measurement is Measurement.Measured m ? m.Traffic.Short.RowRate.ToString("R", CultureInfo.InvariantCulture) : "-", Encoding.UTF8.GetString(DecisionRules.Line(d)), StringComparison.Ordinal);
    }

    private static byte[] Changed(Action<JsonNode> change)
    {
        var record = JsonNode.Parse(DecisionRules.Line(Busy.Value))!;
        change(record);
        return Encoding.UTF8.GetBytes(record.ToJsonString());
    }
}
