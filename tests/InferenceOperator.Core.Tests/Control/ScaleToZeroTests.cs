using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Tests.Plants;

namespace InferenceOperator.Core.Tests.Control;

public sealed class ScaleToZeroTests
{
    private static readonly HoldingEndpoint Empty = new(Held: 0, Inside: 0);

    [Fact]
    public void The_last_replica_goes_after_a_window_of_proven_idleness_and_comes_back_for_the_first_request_that_waits()
    {
        var plant = Idling();
        plant.Run(170);
        Assert.Equal(1, plant.Running);

        plant.Run(60);
        Assert.Equal(0, plant.Running);
        var slept = plant.Steps.First(step => step.Step.Replicas == 0).Step.Decision;
        Assert.Equal(DecisionRule.ScaleDown, slept.Rule);
        Assert.EndsWith("the next request wakes it.", slept.Reason, StringComparison.Ordinal);

        plant.Run(3600);
        Assert.Equal(DecisionRule.Asleep, plant.Last.Decision.Rule);
        Assert.Equal("Asleep", Ready(plant).Reason);

        plant.Endpoint = _ => new(Held: 3, Inside: 3);
        plant.Run(5);
        Assert.Equal(1, plant.Running);
        Assert.Equal(DecisionRule.Wake, plant.Last.Decision.Rule);
        Assert.Contains("3 requests wait", plant.Last.Decision.Reason, StringComparison.Ordinal);

        plant.Run(60);
        Assert.Single(plant.Steps, static step => step.Step.Decision.Rule == DecisionRule.Wake);
    }

    [Fact]
    public void What_is_not_known_is_no_idleness()
    {
        // A sample is missing for three intervals once in a while, always before the window of 60 s is over.
        var plant = Idling();
        plant.IsScraped = t => t % 60 > 20;

        plant.Run(1800);

        Assert.All(plant.Steps, static step => Assert.True(step.Step.Replicas >= 1, step.Step.Decision.Reason));
        Assert.Contains(plant.Steps, static step => step.Step.Measurement is Measurement.Unknown);
        Assert.Contains(plant.Steps, static step => step.Step.Measurement is Measurement.Idle);
    }

    [Fact]
    public void A_request_inside_the_endpoint_keeps_the_last_replica()
    {
        var plant = Idling();
        plant.Endpoint = _ => new(Held: 0, Inside: 1);

        plant.Run(600);

        Assert.Equal(1, plant.Running);
        Assert.Contains(GuardRail.IdleUnproven, plant.Last.Decision.Guards);
    }

    [Fact]
    public void Where_nothing_can_hold_requests_the_last_replica_stays_and_a_condition_says_why()
    {
        var plant = Idling();
        plant.Endpoint = _ => null;

        plant.Run(600);

        Assert.Equal(1, plant.Running);
        Assert.Equal((ConditionState.False, "NothingHoldsRequests"), Scaling(plant));
    }

    [Theory]
    [InlineData(ScalingMode.Recommend)]
    [InlineData(ScalingMode.Observe)]
    public void Outside_mode_Auto_nobody_wakes_it_so_it_does_not_sleep(ScalingMode mode)
    {
        var plant = Idling(mode);

        plant.Run(600);

        Assert.Equal(1, plant.Running);
    }

    [Fact]
    public void A_new_controller_begins_with_a_replica_and_proves_anew_that_it_is_not_needed()
    {
        var plant = Idling();
        plant.Run(170);
        plant.RestartController();

        plant.Run(50);
        Assert.Equal(1, plant.Running);
        plant.Run(90);
        Assert.Equal(0, plant.Running);
    }

    [Fact]
    public void Another_writers_number_stands_its_decisions_are_recommended_and_batching_goes_on()
    {
        var plant = new Plant(seed: 2, Agents.Of(), replicas: 2) { Rate = _ => 6000, Other = t => t < 400 ? ("HorizontalPodAutoscaler ads/web", 2) : null };
        plant.Run(200);

        Assert.Equal(2, plant.Running);
        Assert.InRange(plant.Batch, 8, 64);
        var decision = plant.Last.Decision;
        Assert.True(decision.Proposed.Replicas > 2);
        Assert.Equal(2, decision.Applied.Replicas);
        Assert.Contains("not applied: HorizontalPodAutoscaler ads/web writes the number of replicas", decision.Reason, StringComparison.Ordinal);
        Assert.Equal((ConditionState.False, "OtherWriter"), Scaling(plant));
        var shown = StatusPlanner.Plan(plant.Agent, plant.Last, plant.Input().Workload, Plant.Origin).Decisions[0];
        Assert.False(shown.Applied);

        plant.Run(300);
        Assert.True(plant.Running > 2);
        Assert.Equal((ConditionState.True, "AsDeclared"), Scaling(plant));
    }

    [Fact]
    public void Another_writers_number_may_lie_beyond_the_manifests_bounds()
    {
        var plant = new Plant(seed: 3, Agents.Of(max: 3), replicas: 1) { Rate = _ => 100, Other = _ => ("ScaledObject ads/queue", 7) };

        plant.Run(30);

        Assert.Equal(7, plant.Running);
    }

    // Requests come for a minute; the window is 60 s.
    private static Plant Idling(ScalingMode mode = ScalingMode.Auto) => new(seed: 1, Agents.Of(min: 0, mode: mode, window: "60s")) { Rate = t => t < 60 ? 50 : 0, Endpoint = _ => Empty };

    private static StatusCondition Ready(Plant plant) => Conditions(plant).Single(static condition => condition.Type == ConditionTypes.Ready);

    private static (ConditionState, string) Scaling(Plant plant) =>
        Conditions(plant).Where(static condition => condition.Type == ConditionTypes.ScalingAsDeclared).Select(static condition => (condition.Status, condition.Reason)).Single();

    private static System.Collections.Immutable.ImmutableArray<StatusCondition> Conditions(Plant plant) => StatusPlanner.Plan(plant.Agent, plant.Last, plant.Input().Workload, Plant.Origin).Conditions;
}
