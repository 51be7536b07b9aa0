using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Control.Learned;
using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Tests.Plants;

namespace InferenceOperator.Core.Tests.Control.Learned;

public sealed class LearnedStateTests
{
    private static readonly InferenceAgent Agent = Agents.Of();
    private static readonly DateTimeOffset Now = Plant.Origin;

    [Fact]
    public void A_season_comes_back_within_a_thousandth()
    {
        const int seed = 1;
        var random = new Random(seed);
        var season = DemandSeason.Unknown with { Levels = [.. Enumerable.Range(0, 1440).Select(i => i % 7 == 0 ? -1f : (float)Math.Pow(10, (12 * random.NextDouble()) - 3))] };

        var text = SeasonText.Of(season);

        Assert.Equal(3840, text.Length);
        Assert.All(SeasonText.Read(text)!.Levels.Zip(season.Levels), pair => Assert.True(
            pair.Second < 0 ? pair.First < 0 : Math.Abs(pair.First - pair.Second) <= 1e-3 * (1 + pair.Second), $"seed {seed}: {pair}"));
    }

    [Fact]
    public void A_controller_goes_on_from_what_another_learned()
    {
        var plant = new Plant(seed: 2, Agent, replicas: 2) { Rate = static t => t < 400 ? 1500 : 5000, StartUpSeconds = 50 };
        plant.Run(700);
        var learned = plant.Controller.Learned(plant.Agent, Now);
        Assert.InRange(learned.Write().Length, 4000, 6000);

        var other = new AgentController();
        other.Restore(LearnedState.Read(learned.Write(), Agent));

        var again = other.Learned(plant.Agent, Now);
        Assert.Equal(learned with { Fit = null }, again);
        Assert.Contains(again.StartUps, static s => s is > 45 and < 56);
        Assert.Equal(11, SeasonText.Read(again.Season)!.Levels.Count(static l => l >= 0));
        Assert.True(again.Surprises.IsValid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"version\":1}")]
    [InlineData("not JSON")]
    public void What_is_no_state_is_refused(string text) =>
        Assert.Throws<FormatException>(() => LearnedState.Read(Encoding.UTF8.GetBytes(text), Agent));

    [Theory]
    [InlineData("version", "2", "version 2")]
    [InlineData("agent", "\"ads/other\"", "ads/other")]
    [InlineData("season", "\"AAAA\"", "season")]
    [InlineData("surprises", "null", "forecast")]
    [InlineData("surprises", "{\"seconds\":1,\"rates\":[]}", "forecast")]
    [InlineData("surprises", "{\"seconds\":\"NaN\",\"rates\":[0,0,0,0,0,0,0,0,0,0]}", "forecast")]
    [InlineData("skill", "{\"seasonal\":-1,\"persistence\":0,\"judged\":0}", "forecast")]
    [InlineData("startUps", "[0]", "start-up")]
    [InlineData("startUps", "[1e9]", "start-up")]
    [InlineData("fit", "{\"fixed\":\"-6ms\",\"perRow\":\"1ms\",\"residual\":\"0s\"}", "service")]
    [InlineData("variants", "[null]", "service")]
    public void A_damaged_or_foreign_state_is_refused_with_the_reason(string field, string value, string reason)
    {
        var json = JsonNode.Parse(State().Write())!;
        json[field] = JsonNode.Parse(value);

        var fault = Assert.Throws<FormatException>(() => LearnedState.Read(Encoding.UTF8.GetBytes(json.ToJsonString()), Agent));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_changed_by_chance_never_do_worse_than_being_refused()
    {
        const int seed = 3;
        var random = new Random(seed);
        var good = State().Write();
        for (var i = 0; i < 3000; i++)
        {
            var bytes = good.ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var cut = bytes.AsSpan(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length).ToArray();
            var fault = Record.Exception(() =>
            {
                var controller = new AgentController();
                controller.Restore(LearnedState.Read(cut, Agent));
                controller.Learned(Agent, Now).Write();
            });
            Assert.True(fault is null or FormatException, $"seed {seed}, {i}: {fault}");
        }
    }

    [Fact]
    public void It_is_worth_keeping_when_an_hour_of_the_day_a_start_up_or_the_surprise_is_another()
    {
        var kept = State();
        bool IsWorth(LearnedState other, bool isLast = false) => LearnedChange.IsWorthKeeping(kept, other, isLast);

        Assert.False(IsWorth(kept with { At = Now + TimeSpan.FromDays(1) }, isLast: true));
        Assert.False(IsWorth(kept with { Season = Season(1440, 105) }, isLast: true));
        Assert.True(IsWorth(kept with { Season = Season(60, 120) }));
        Assert.False(IsWorth(kept with { Season = Season(59, 120) }));
        Assert.True(IsWorth(kept with { Season = Season(5, 120) }, isLast: true));
        Assert.False(IsWorth(kept with { Season = Season(4, 120) }, isLast: true));
        Assert.True(IsWorth(kept with { StartUps = [30, 36] }));
        Assert.False(IsWorth(kept with { StartUps = [30, 31, 29] }));
        Assert.True(IsWorth(kept with { Surprises = SurpriseHistogram.Never }));
        Assert.False(IsWorth(kept with { Surprises = kept.Surprises.After(0.5, 40, 5) }));
        Assert.True(LearnedChange.IsWorthKeeping(null, kept, isLast: false));
        Assert.False(LearnedChange.IsWorthKeeping(null, kept with { Season = SeasonText.Of(DemandSeason.Unknown), StartUps = [] }, isLast: true));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_restart_with_what_was_learned_takes_no_replica_away_in_a_spike_an_outage_or_a_roll_out(int seed)
    {
        foreach (var (name, isScraped, phase) in new (string, Func<double, bool>, double)[] { ("spike", static _ => true, 9), ("outage", static t => t < 390, 3), ("start", static _ => true, 50) })
        {
            var plant = new Plant(seed, Agents.Of(window: "60s"), replicas: 3) { Rate = t => t is > 380 and < 600 ? 6000 : 3000, IsScraped = isScraped };
            plant.Run(380 + phase);
            var running = plant.Running;
            plant.RestartController(isKept: true);
            for (var i = 0; i < 11; i++)
            {
                plant.Run(5);
                Assert.True(plant.Running >= running, $"seed {seed}, {name}: {plant.Running} of {running}: {plant.Last.Decision.Reason}");
            }
        }
    }

    [Fact]
    public void The_fit_of_another_model_is_not_taken_over()
    {
        var plant = new Plant(seed: 4, Agent) { Rate = static _ => 500 };
        plant.Run(100);
        var learned = plant.Controller.Learned(plant.Agent, Now);
        Assert.NotNull(learned.Fit);

        DecisionRecord First(InferenceAgent agent)
        {
            var controller = new AgentController();
            controller.Restore(learned);
            return controller.Step(new() { Agent = agent, Workload = new() { WantedReplicas = 1 }, MetricInterval = TimeSpan.FromSeconds(5) }, Now).Decision;
        }

        Assert.NotNull(First(Agent).Basis.Service);
        Assert.Null(First(Agent with { Spec = Agent.Spec with { Model = new() { Uri = "pvc://models/other.onnx" } } }).Basis.Service);
    }

    private static LearnedState State() => new()
    {
        Version = LearnedState.Current,
        Agent = Agent.Key(),
        Model = Agent.Spec.Model.Uri,
        At = Now,
        Season = Season(1440, 100),
        Surprises = SurpriseHistogram.Unseen,
        Skill = ForecastSkill.None,
        StartUps = [30, 31],
    };

    /// <summary>So many minutes at a rate, the others at 100.</summary>
    private static string Season(int minutes, float rate) =>
        SeasonText.Of(DemandSeason.Unknown with { Levels = [.. Enumerable.Range(0, 1440).Select(i => i < minutes ? rate : 100f)] });
}
