using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Tests.Plants;

namespace InferenceOperator.Core.Tests.Control;

public sealed class NewAgentTests
{
    [Theory]
    [InlineData(ScalingMode.Auto, 3, null, 3)]
    [InlineData(ScalingMode.Recommend, 3, null, 3)]
    [InlineData(ScalingMode.Observe, 3, null, 3)]
    [InlineData(ScalingMode.Auto, 0, null, 1)]
    [InlineData(ScalingMode.Recommend, 0, null, 1)]
    [InlineData(ScalingMode.Observe, 0, null, 1)]
    [InlineData(ScalingMode.Recommend, 1, 4, 4)]
    [InlineData(ScalingMode.Observe, 1, 4, 4)]
    public void A_new_agent_is_deployed_in_every_mode_with_as_many_replicas_as_it_declares_at_least(ScalingMode mode, int min, int? replicas, int expected)
    {
        var controller = new AgentController();
        var input = new ControlInput { Agent = Agents.Of(min: min, replicas: replicas, mode: mode), Workload = WorkloadObservation.Nothing, MetricInterval = TimeSpan.FromSeconds(5) };

        Assert.Equal(expected, controller.Step(input, Plant.Origin).Replicas);
        Assert.Equal(expected, controller.Step(input with { Workload = new() { WantedReplicas = expected } }, Plant.Origin + TimeSpan.FromSeconds(5)).Replicas);
    }

    [Theory]
    [InlineData(ScalingMode.Recommend)]
    [InlineData(ScalingMode.Observe)]
    public void Outside_mode_Auto_bounds_that_people_move_are_followed_and_nothing_else(ScalingMode mode)
    {
        var controller = new AgentController();
        var input = new ControlInput { Agent = Agents.Of(min: 2, max: 6, mode: mode), Workload = new() { WantedReplicas = 4 }, MetricInterval = TimeSpan.FromSeconds(5) };

        Assert.Equal(4, controller.Step(input, Plant.Origin).Replicas);
        Assert.Equal(5, controller.Step(input with { Agent = Agents.Of(min: 5, max: 6, mode: mode) }, Plant.Origin + TimeSpan.FromSeconds(5)).Replicas);
        Assert.Equal(3, controller.Step(input with { Agent = Agents.Of(min: 1, max: 3, mode: mode) }, Plant.Origin + TimeSpan.FromSeconds(10)).Replicas);
    }
}
