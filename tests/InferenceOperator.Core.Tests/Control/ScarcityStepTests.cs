using System.Text.Json;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Scarcity;
using InferenceOperator.Core.Tests.Plants;

namespace InferenceOperator.Core.Tests.Control;

/// <summary>The controller where GPUs are scarce. One replica of the plant carries about 1,380 rows/s within 50 ms.</summary>
public sealed class ScarcityStepTests
{
    private static readonly GpuPool Pool = new("nvidia.com/gpu", null, "nodes", 3, 0);

    private readonly List<ReplicaAsk> _asks = [];

    [Fact]
    public void A_cut_limits_the_replicas_and_says_so()
    {
        var plant = Scarce();

        plant.Run(200);

        Assert.Equal(2, plant.Running);
        Assert.Equal(DecisionRule.Scarcity, plant.Last.Decision.Rule);
        Assert.Contains(GuardRail.Scarcity, plant.Last.Decision.Guards);
        Assert.Contains("the nvidia.com/gpu pool of 3 (nodes) is short by", plant.Last.Decision.Reason, StringComparison.Ordinal);
        var status = StatusPlanner.Plan(plant.Agent, plant.Last, plant.Input().Workload, Plant.Origin);
        var capacity = status.Conditions.Single(c => c.Type == ConditionTypes.CapacityAvailable);
        Assert.Equal((ConditionState.False, "Scarcity"), (capacity.Status, capacity.Reason));
        Assert.Contains("web/other of higher priority has 1", capacity.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_asks_for_is_its_own_plan_with_what_each_replica_is_worth()
    {
        Scarce().Run(200);

        var ask = _asks[^1];
        Assert.Equal(("ads/ranker", 2, 1), (ask.Agent, ask.Held, ask.MinReplicas));
        Assert.InRange(ask.Wanted, 4, 20);
        Assert.Equal(ask.Wanted + 1, ask.Utility.Length);
        Assert.Equal((0, 1), (ask.Utility[0], ask.Utility[^1]));
        Assert.InRange(ask.Utility[2], 0.1, 0.6);
        Assert.Equal(ask.Utility.Order(), ask.Utility);
    }

    [Fact]
    public void The_replicas_come_when_there_is_room_again()
    {
        var plant = Scarce();
        plant.Run(200);

        plant.Divide = ask => new(ask.Agent, ask.Wanted, null);
        plant.Run(200);

        Assert.InRange(plant.Running, 4, 20);
        Assert.DoesNotContain(GuardRail.Scarcity, plant.Last.Decision.Guards);
    }

    [Fact]
    public void Cut_to_nothing_it_says_why_it_is_not_ready()
    {
        var plant = Scarce(ask => GpuDivision.Divide([Pool with { UsedByOthers = 3 }], [ask with { GpusPerReplica = 1 }]).Single());

        plant.Run(30);

        var status = StatusPlanner.Plan(plant.Agent, plant.Last, plant.Input().Workload, Plant.Origin);
        Assert.Equal((0, "Scarcity"), (status.Replicas, status.Conditions.Single(c => c.Type == ConditionTypes.Ready).Reason));
    }

    [Fact]
    public void A_decision_under_scarcity_is_made_again_from_its_record()
    {
        var plant = Scarce();

        plant.Run(200);

        Assert.All(plant.Steps, s =>
        {
            var written = JsonSerializer.Serialize(s.Step.Decision, AgentJson.Default.DecisionRecord);
            var read = JsonSerializer.Deserialize(written, AgentJson.Default.DecisionRecord);
            Assert.Equal(written, JsonSerializer.Serialize(DecisionRules.Decide(read!.Basis), AgentJson.Default.DecisionRecord));
        });
    }

    [Theory]
    [InlineData(ScalingMode.Auto, 7)]
    [InlineData(ScalingMode.Recommend, null)]
    public void Replicas_that_are_not_the_operators_to_choose_are_not_cut(ScalingMode mode, int? replicas)
    {
        var plant = new Plant(5, Agents.Of(mode: mode, replicas: replicas), replicas: 7) { Rate = _ => 6000, Divide = Divide };

        plant.Run(100);

        Assert.Equal(7, plant.Running);
        Assert.All(_asks, ask => Assert.True(ask is { IsFixed: true, Wanted: 7 }));
    }

    private Plant Scarce(Func<ReplicaAsk, Grant>? divide = null) => new(5, Agents.Of()) { Rate = _ => 6000, Divide = divide ?? Divide };

    /// <summary>Another agent of higher priority has one of the three.</summary>
    private Grant Divide(ReplicaAsk ask)
    {
        // A manifest without GPUs, taken as if each replica had one.
        ask = ask with { GpusPerReplica = 1 };
        _asks.Add(ask);
        var other = ask with { Agent = "web/other", Namespace = "web", Priority = 1, Wanted = 1, Held = 1, Utility = [] };
        return GpuDivision.Divide([Pool], [ask, other]).Single(g => g.Agent == ask.Agent);
    }
}
