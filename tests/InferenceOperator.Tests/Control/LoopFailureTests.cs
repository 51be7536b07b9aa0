using InferenceOperator.Control;
using InferenceOperator.Control.Scarcity;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Local;
using InferenceOperator.Workloads;

namespace InferenceOperator.Tests.Control;

/// <summary>What status says of a plan that cannot be applied, and what a step of the time of day does to the loop.</summary>
public sealed class LoopFailureTests : IDisposable
{
    private static readonly InferenceAgent Agent = new()
    {
        Metadata = new AgentMetadata { Name = "digits", Generation = 1 },
        Spec = new AgentSpec { Model = new ModelSpec { Uri = "file:///m.onnx" } },
    };

    private readonly SimulatedClock _clock = new();
    private readonly AgentLoopTests.Surroundings _around = new();
    private readonly ReplicaClient _client = new(TimeSpan.FromSeconds(5));
    private readonly AgentLoop _loop;

    public LoopFailureTests() =>
        _loop = new AgentLoop(Agent, new AgentPorts(_around, _around, _client, _around, new GpuArbiter(new LocalPools([], replicas: null)), _around, _around, new SteadyTime(_clock), TimeSpan.FromSeconds(1)));

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task What_may_go_away_by_itself_is_being_reconciled_and_is_said()
    {
        _around.ApplyFault = "too many requests";
        await StepAsync(2);

        Assert.Equal(("True", "ApplyRetried"), Newest(ConditionTypes.Reconciling));
        Assert.Equal(("False", "Progressing"), Newest(ConditionTypes.Stalled));
        Assert.Contains("too many requests", Message(ConditionTypes.Reconciling), StringComparison.Ordinal);

        _around.ApplyFault = null;
        await StepAsync(3);
        Assert.NotEqual("ApplyRetried", Newest(ConditionTypes.Reconciling).Reason);
    }

    [Fact]
    public async Task What_is_refused_for_good_is_in_the_way_at_once()
    {
        (_around.ApplyFault, _around.IsRefused) = ("forbidden", true);
        await StepAsync(2);

        Assert.Equal(("True", "ApplyFailed"), Newest(ConditionTypes.Stalled));
        Assert.Equal("forbidden", Message(ConditionTypes.Stalled));
        Assert.Equal("False", Newest(ConditionTypes.Reconciling).Status);

        // Something else that comes in between does not mean that it would be taken now.
        (_around.ApplyFault, _around.IsRefused) = ("no answer", false);
        await StepAsync(4);
        Assert.Equal("True", Newest(ConditionTypes.Stalled).Status);

        _around.ApplyFault = null;
        await StepAsync(8);
        Assert.Equal("False", Newest(ConditionTypes.Stalled).Status);
    }

    [Fact]
    public async Task What_does_not_go_away_for_five_minutes_is_in_the_way_and_ceases_to_be_with_the_first_success()
    {
        _around.ApplyFault = "no answer";
        await StepAsync((int)AgentLoop.StalledAfter.TotalSeconds);
        Assert.Equal("False", Newest(ConditionTypes.Stalled).Status);

        await StepAsync(2);
        Assert.Equal(("True", "ApplyFailed"), Newest(ConditionTypes.Stalled));

        _around.ApplyFault = null;
        await StepAsync(62);
        Assert.Equal("False", Newest(ConditionTypes.Stalled).Status);
    }

    [Fact]
    public async Task Another_manifest_is_not_blamed_for_what_was_refused_of_the_one_before()
    {
        (_around.ApplyFault, _around.IsRefused) = ("invalid", true);
        await StepAsync(2);
        Assert.Equal("True", Newest(ConditionTypes.Stalled).Status);

        (_around.ApplyFault, _around.IsRefused) = ("no answer", false);
        _loop.Update(Agent with { Metadata = Agent.Metadata with { Generation = 2 }, Spec = Agent.Spec with { Scaling = new ScalingSpec { Replicas = 2 } } });
        await StepAsync(4);

        Assert.Equal("False", Newest(ConditionTypes.Stalled).Status);
        Assert.Equal(("True", "ApplyRetried"), Newest(ConditionTypes.Reconciling));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(-7)]
    public async Task A_step_of_the_time_of_day_brings_nothing_forward_and_holds_nothing_up(int hours)
    {
        await StepAsync(1);
        _around.Workload = new WorkloadObservation { WantedReplicas = 1 };
        await StepAsync(1);
        var written = _around.Written.Count;

        _clock.StepTimeOfDay(TimeSpan.FromHours(hours));
        await StepAsync(10);
        Assert.Single(_around.Applied);
        Assert.Equal(written, _around.Written.Count);

        await StepAsync((int)AgentLoop.ApplyAgainAfter.TotalSeconds);
        Assert.Equal(2, _around.Applied.Count);
        Assert.All(_around.Reports, report => Assert.InRange(report.Step.Decision.At, _around.Reports[0].Step.Decision.At, _around.Reports[0].Step.Decision.At.AddMinutes(1)));
    }

    private async Task StepAsync(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            await _loop.StepAsync(CancellationToken.None);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private (string Status, string Reason) Newest(string type) => Condition(type) is var c ? (c.Status.ToString(), c.Reason) : default;

    private string Message(string type) => Condition(type).Message;

    private StatusCondition Condition(string type) => Assert.Single(_around.Written[^1].Conditions, c => c.Type == type);
}
