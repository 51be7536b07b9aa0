using InferenceOperator.Core.Control;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Tests.Plants;

namespace InferenceOperator.Core.Tests.Control;

/// <summary>What is written of an agent over hours: that something is still so is not.</summary>
public sealed class StatusNewsTests
{
    private readonly List<string> _said = [];
    private AgentStatus? _written;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_agent_without_traffic_is_not_written_for_hours(int seed)
    {
        var plant = new Plant(seed, Agents.Of(min: 1)) { Rate = static t => t < 600 ? 20 : 0 };
        WritesIn(plant, seconds: 1200);

        AssertSilent(plant, seconds: 4 * 3600);
        Assert.Equal("0", _written!.Observed!.Rate);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Steady_traffic_is_written_no_more_often_than_its_wording_may_be(int seed)
    {
        var plant = new Plant(seed, Agents.Of(min: 2, max: 2), replicas: 2) { Rate = static _ => 50 };
        WritesIn(plant, seconds: 3600);

        var writes = WritesIn(plant, seconds: 3600);

        Assert.True(writes <= 12, $"seed {seed}: {writes} writes in an hour: {string.Join("; ", _said)}");
        Assert.InRange(Plant.Origin + TimeSpan.FromSeconds(plant.Now) - _written!.Observed!.At, TimeSpan.Zero, StatusPlanner.WordingInterval + TimeSpan.FromSeconds(plant.Interval));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_new_operator_writes_nothing_while_everything_is_as_the_one_before_it_said(int seed)
    {
        var agent = Agents.Of(min: 1);
        var plant = new Plant(seed, agent with { Spec = agent.Spec with { Batching = new() { MaxSize = 1 } } }) { Rate = static t => t < 600 ? 20 : 0 };
        WritesIn(plant, seconds: 1800);
        plant.RestartController(isKept: true);

        AssertSilent(plant, seconds: 3600);
    }

    [Fact]
    public void What_a_new_operator_cannot_measure_is_said_after_a_minute()
    {
        var isScraped = true;
        var plant = new Plant(seed: 1, Agents.Of(min: 1)) { Rate = static _ => 20, IsScraped = _ => isScraped };
        WritesIn(plant, seconds: 600);
        isScraped = false;
        plant.RestartController(isKept: true);

        Assert.Equal(0, WritesIn(plant, seconds: 55));
        Assert.Equal(1, WritesIn(plant, seconds: 60));
        Assert.Equal(ConditionState.False, _written!.Conditions.Single(static c => c.Type == ConditionTypes.MetricsAvailable).Status);
    }

    [Fact]
    public void Traffic_that_comes_or_goes_or_changes_is_written()
    {
        var rate = 20.0;
        var plant = new Plant(seed: 1, Agents.Of(min: 1)) { Rate = _ => rate };
        WritesIn(plant, seconds: 900);

        foreach (var next in new[] { 0.0, 5, 40 })
        {
            rate = next;
            WritesIn(plant, seconds: 300);
            Assert.Equal(next, double.Parse(_written!.Observed!.Rate, System.Globalization.CultureInfo.InvariantCulture), tolerance: 0.2 * next);
        }
    }

    private void AssertSilent(Plant plant, double seconds)
    {
        var writes = WritesIn(plant, seconds);
        Assert.True(writes == 0, string.Join("; ", _said));
    }

    private int WritesIn(Plant plant, double seconds)
    {
        var writes = 0;
        _said.Clear();
        for (var end = plant.Now + seconds; plant.Now < end - 1e-9;)
        {
            plant.Run(plant.Interval);
            var now = Plant.Origin + TimeSpan.FromSeconds(plant.Now);
            var status = StatusPlanner.Plan(plant.Agent with { Status = _written }, plant.Last, plant.Input().Workload, now);
            if (StatusPlanner.IsWorthWriting(_written, status, now))
            {
                _said.Add(Difference(plant.Now, _written, status));
                _written = status;
                writes++;
            }
        }

        return writes;
    }

    /// <summary>What was written and why, for a test that fails.</summary>
    private static string Difference(double at, AgentStatus? before, AgentStatus after) => string.Join(
        ", ",
        ((IEnumerable<string>)
        [
            $"{at} s: {StatusPlanner.NewsIn(before, after)}",
            $"{before?.Observed} -> {after.Observed}",
            $"{before?.Model} -> {after.Model}",
            $"{before?.Serving} -> {after.Serving}",
        ]).Concat(after.Conditions.Except(before?.Conditions ?? []).Select(static c => $"{c.Type} {c.Status}: {c.Message}"))
        .Concat(after.Decisions.Except(before?.Decisions ?? []).Select(static d => d.Reason)));
}
