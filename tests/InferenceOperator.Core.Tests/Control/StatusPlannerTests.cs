using System.Collections.Immutable;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;
using InferenceOperator.Core.Tests.Plants;

namespace InferenceOperator.Core.Tests.Control;

public sealed class StatusPlannerTests
{
    private static readonly DateTimeOffset Now = Plant.Origin + TimeSpan.FromHours(1);

    private static readonly WorkloadObservation Running = new()
    {
        WantedReplicas = 1,
        Replicas = [new("a", ReplicaPhase.Ready, Plant.Origin)],
        Selector = "app=ranker",
        ServingSha256 = "ab",
    };

    [Fact]
    public void Every_condition_is_there_once_and_in_order()
    {
        var status = StatusPlanner.Plan(Agents.Of(), Step(), Running, Now);

        Assert.Equal(ConditionTypes.All, status.Conditions.Select(c => c.Type));
        Assert.All(status.Conditions, c => Assert.Equal(Now, c.LastTransitionTime));
        Assert.All(status.Conditions, c => Assert.Equal(1, c.ObservedGeneration));
    }

    [Fact]
    public void Ready_does_not_flip_when_metrics_are_missing()
    {
        var status = StatusPlanner.Plan(Agents.Of(), Step(measurement: new Measurement.Unknown(UnknownReason.Stale, "old")), Running, Now);

        Assert.Equal(ConditionState.True, Of(status, ConditionTypes.Ready).Status);
        Assert.Equal(ConditionState.False, Of(status, ConditionTypes.MetricsAvailable).Status);
        Assert.Equal(ConditionState.Unknown, Of(status, ConditionTypes.SloMet).Status);
    }

    [Theory]
    [InlineData(1000, 995, ConditionState.True)]
    [InlineData(1000, 985, ConditionState.False)]
    [InlineData(0, 0, ConditionState.Unknown)]
    public void The_slo_is_met_when_the_declared_share_was_in_time(double requests, double met, ConditionState expected)
    {
        var status = StatusPlanner.Plan(Agents.Of(), Step(measurement: Measured(requests, met)), Running, Now);

        Assert.Equal(expected, Of(status, ConditionTypes.SloMet).Status);
    }

    [Fact]
    public void A_transition_time_moves_only_with_the_status()
    {
        var agent = Agents.Of();
        var first = StatusPlanner.Plan(agent, Step(measurement: Measured(1000, 995)), Running, Now);
        var later = Now + TimeSpan.FromMinutes(1);

        var second = StatusPlanner.Plan(agent with { Status = first }, Step(measurement: Measured(1000, 985)), Running, later);

        Assert.Equal(later, Of(second, ConditionTypes.SloMet).LastTransitionTime);
        Assert.Equal(Now, Of(second, ConditionTypes.Ready).LastTransitionTime);
    }

    [Fact]
    public void A_model_problem_stalls_and_names_itself()
    {
        var broken = new WorkloadObservation { WantedReplicas = 1, ModelProblem = "pvc://models/ranker.onnx: the file ends after 12 bytes" };

        var status = StatusPlanner.Plan(Agents.Of(), Step(), broken, Now);

        Assert.Equal(ConditionState.False, Of(status, ConditionTypes.ModelAccepted).Status);
        Assert.Equal(ConditionState.True, Of(status, ConditionTypes.Stalled).Status);
        Assert.Contains("12 bytes", Of(status, ConditionTypes.Ready).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Replicas_without_a_place_are_a_lack_of_capacity()
    {
        var full = Running with { Replicas = [.. Running.Replicas, new("b", ReplicaPhase.Unschedulable, Now, "0/3 nodes have nvidia.com/gpu")] };

        var condition = Of(StatusPlanner.Plan(Agents.Of(), Step(), full, Now), ConditionTypes.CapacityAvailable);

        Assert.Equal(ConditionState.False, condition.Status);
        Assert.Contains("nvidia.com/gpu", condition.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CapacityLackKind.NoSuchDevice)]
    [InlineData(CapacityLackKind.NoFreeDevice)]
    [InlineData(CapacityLackKind.NotAllowed)]
    public void What_is_lacking_is_named_where_it_is_known(CapacityLackKind kind)
    {
        var full = Running with { Replicas = [new("b", ReplicaPhase.Unschedulable, Now, "0/3 nodes are available")], Lack = new(kind, "all 4 nvidia.com/gpu of nodes are taken") };

        var condition = Of(StatusPlanner.Plan(Agents.Of(), Step(), full, Now), ConditionTypes.CapacityAvailable);

        Assert.Equal((kind.ToString(), "1 replica finds no place: all 4 nvidia.com/gpu of nodes are taken; 0/3 nodes are available"), (condition.Reason, condition.Message));
    }

    [Fact]
    public void A_replica_that_fails_is_named_and_ready_stays_with_those_that_answer()
    {
        var failing = Running with { Replicas = [.. Running.Replicas, new("b", ReplicaPhase.Failed, Now, "out of memory", ReplicaFault.OutOfMemory)] };

        var status = StatusPlanner.Plan(Agents.Of(), Step(replicas: 2), failing, Now);

        Assert.Equal((ConditionState.False, "OutOfMemory", "1 of 2 replicas fail; b: out of memory"), Said(status, ConditionTypes.ReplicasAsDeclared));
        Assert.Equal((ConditionState.True, "Serving", "1 of 2 replicas answer requests; b: out of memory"), Said(status, ConditionTypes.Ready));
        var none = StatusPlanner.Plan(Agents.Of(), Step(), failing with { Replicas = [failing.Replicas[1]] }, Now);
        Assert.Equal((ConditionState.False, "OutOfMemory", "out of memory"), Said(none, ConditionTypes.Ready));
    }

    [Theory]
    [InlineData("CPUExecutionProvider", 0.0, 1, ConditionState.False, "CPU", "0")]
    [InlineData("CUDAExecutionProvider", 0.9876, 1, ConditionState.True, "CUDA", "98.8")]
    [InlineData("TensorrtExecutionProvider", 1.0, 1, ConditionState.True, "TensorRT", "100")]
    [InlineData("CUDAExecutionProvider", null, 1, ConditionState.True, "CUDA", null)]
    [InlineData("CPUExecutionProvider", null, 0, ConditionState.True, "CPU", "0")]
    public void Status_tells_on_what_the_model_really_runs(string provider, double? time, int gpus, ConditionState expected, string shown, string? share)
    {
        var agent = Agents.Of();
        agent = agent with { Spec = agent.Spec with { Gpu = new GpuSpec { Count = gpus } } };

        var status = StatusPlanner.Plan(agent, Step(), Running with { Placement = new(provider, time) }, Now);

        Assert.Equal(expected, Of(status, ConditionTypes.ReplicasAsDeclared).Status);
        Assert.Equal(new AcceleratorStatus { Provider = shown, OnAccelerator = share }, status.Accelerator);
    }

    [Fact]
    public void Status_tells_of_each_variant_on_what_it_runs_and_a_change_of_that_is_written_at_once()
    {
        var variants = ImmutableSortedDictionary<string, ModelPlacement>.Empty.Add("full", new("CUDAExecutionProvider", 0.97)).Add("int8", new("CPUExecutionProvider", 0));
        var running = Running with { Placement = new("CUDAExecutionProvider", 0.97, variants) };

        var status = StatusPlanner.Plan(Agents.Of(), Step(), running, Now);

        Assert.Equal(
            [new VariantAccelerator { Name = "full", Provider = "CUDA", OnAccelerator = "97" }, new VariantAccelerator { Name = "int8", Provider = "CPU", OnAccelerator = "0" }],
            status.Accelerator!.Variants!.Value.ToArray());
        Assert.False(StatusPlanner.IsWorthWriting(status, StatusPlanner.Plan(Agents.Of() with { Status = status }, Step(), running, Now), Now));
        var moved = running with { Placement = running.Placement with { Variants = variants.SetItem("int8", new("TensorrtExecutionProvider", 1)) } };
        Assert.True(StatusPlanner.IsWorthWriting(status, StatusPlanner.Plan(Agents.Of() with { Status = status }, Step(), moved, Now), Now));
    }

    [Fact]
    public void A_change_is_not_done_before_what_runs_follows_it_and_no_old_replica_is_left()
    {
        var agent = Agents.Of() with { Metadata = Agents.Of().Metadata with { Generation = 4 } };

        Assert.Equal((ConditionState.True, "Applying"), Reconciling(Running with { Generation = 3 }));
        Assert.Equal((ConditionState.True, "RollingOut"), Reconciling(Running with { Generation = 4, Rollout = new(1, 3, IsInPlace: false) }));
        Assert.Equal((ConditionState.False, "Settled"), Reconciling(Running with { Generation = 4 }));
        Assert.Equal((ConditionState.False, "Settled"), Reconciling(Running));

        (ConditionState, string) Reconciling(WorkloadObservation workload)
        {
            var condition = Of(StatusPlanner.Plan(agent, Step(), workload, Now), ConditionTypes.Reconciling);
            return (condition.Status, condition.Reason);
        }
    }

    [Fact]
    public void Replicas_beyond_those_that_are_declared_are_the_load_s_matter_and_nothing_that_a_rollout_waits_for()
    {
        Assert.Equal(ConditionState.False, Of(StatusPlanner.Plan(Agents.Of(min: 1), Step(replicas: 5), Running, Now), ConditionTypes.Reconciling).Status);
        Assert.Equal(ConditionState.True, Of(StatusPlanner.Plan(Agents.Of(min: 2), Step(replicas: 5), Running, Now), ConditionTypes.Reconciling).Status);
        Assert.Equal(ConditionState.True, Of(StatusPlanner.Plan(Agents.Of(replicas: 5), Step(replicas: 5), Running, Now), ConditionTypes.Reconciling).Status);
        Assert.Equal(ConditionState.True, Of(StatusPlanner.Plan(Agents.Of(replicas: 0), Step(replicas: 0), Running, Now), ConditionTypes.Reconciling).Status);
    }

    [Fact]
    public void What_is_stalled_is_not_reconciling()
    {
        var status = StatusPlanner.Plan(Agents.Of(min: 3), Step(replicas: 3), Running with { ApplyProblem = "the quota is used up" }, Now);

        Assert.Equal(ConditionState.True, Of(status, ConditionTypes.Stalled).Status);
        Assert.Equal(ConditionState.False, Of(status, ConditionTypes.Reconciling).Status);
    }

    [Fact]
    public void A_rejected_manifest_says_what_is_wrong_and_what_served_goes_on()
    {
        var served = StatusPlanner.Plan(Agents.Of(), Step(), Running, Now);

        var status = StatusPlanner.Rejected(2, served, [new FieldError("spec.slo.latency.target", "has no unit")], Now);

        Assert.Equal(2, status.ObservedGeneration);
        Assert.Equal(ConditionState.True, Of(status, ConditionTypes.Ready).Status);
        Assert.Equal(ConditionState.False, Of(status, ConditionTypes.ModelAccepted).Status);
        Assert.Contains("spec.slo.latency.target: has no unit", Of(status, ConditionTypes.Stalled).Message, StringComparison.Ordinal);
        Assert.Equal(ConditionTypes.All, status.Conditions.Select(c => c.Type));
    }

    [Fact]
    public void A_manifest_rejected_from_the_start_has_the_conditions_that_can_be_told()
    {
        var status = StatusPlanner.Rejected(1, null, [new FieldError("spec.model", "is required")], Now);

        Assert.Equal(ConditionState.False, Of(status, ConditionTypes.Ready).Status);
        Assert.True(StatusPlanner.IsWorthWriting(null, status, Now));
    }

    [Fact]
    public void Decisions_are_kept_newest_first_and_at_most_ten()
    {
        var agent = Agents.Of();
        for (var i = 1; i <= 15; i++)
        {
            agent = agent with { Status = StatusPlanner.Plan(agent, Step(replicas: i), Running, Now + TimeSpan.FromSeconds(i)) };
        }

        Assert.Equal(AgentStatus.DecisionsMax, agent.Status!.Decisions.Length);
        Assert.Equal(15, agent.Status.Decisions[0].Replicas);
        var again = StatusPlanner.Plan(agent, Step(replicas: 15), Running, Now + TimeSpan.FromSeconds(99));
        Assert.Equal(agent.Status.Decisions, again.Decisions);
    }

    [Fact]
    public void Newer_numbers_alone_are_written_at_most_every_thirty_seconds()
    {
        var agent = Agents.Of();
        var written = StatusPlanner.Plan(agent, Step(measurement: Measured(1000, 999)), Running, Now);
        AgentStatus Next(double seconds, Measurement measurement, int replicas = 1) =>
            StatusPlanner.Plan(agent with { Status = written }, Step(measurement, replicas), Running, Now + TimeSpan.FromSeconds(seconds));

        bool Worth(double seconds, Measurement measurement, int replicas = 1) =>
            StatusPlanner.IsWorthWriting(written, Next(seconds, measurement, replicas), Now + TimeSpan.FromSeconds(seconds));

        Assert.False(Worth(29, Measured(1000, 998)));
        Assert.True(Worth(30, Measured(1000, 998)));
        Assert.False(Worth(300, Measured(1000, 999)));
        Assert.True(Worth(1, Measured(1000, 900)));
        Assert.True(Worth(1, Measured(1000, 998), replicas: 2));
    }

    [Fact]
    public void A_status_comes_back_from_json_as_it_was()
    {
        var step = Step(measurement: Measured(1000, 999));
        var fit = new VariantStatus { Name = "small", Model = new FitStatus { Fixed = Duration.Parse("3ms"), Executions = 7, LargestBatch = 4 } };
        step = step with { Choice = new("small", "tiny"), VariantFits = [fit], Decision = step.Decision with { Basis = step.Decision.Basis with { ReplicaPrice = 2.5 } } };
        var status = StatusPlanner.Plan(Agents.Of(), step, Running, Now);
        var agent = Agents.Of() with { Status = status };

        var read = Assert.IsType<ManifestReading.Accepted>(AgentManifest.Read(AgentManifest.Write(agent))).Agent.Status!;

        Assert.Equal(status with { Conditions = [], Decisions = [], Variants = [] }, read with { Conditions = [], Decisions = [], Variants = [] });
        Assert.Equal(("small", "tiny"), (read.Serving!.Variant, read.Serving.Burst));
        Assert.Equal([fit], read.Variants.AsEnumerable());
        Assert.Equal(status.Conditions, read.Conditions.AsEnumerable());
        Assert.Equal(status.Decisions, read.Decisions.AsEnumerable());
    }

    [Fact]
    public void Who_answers_and_what_it_costs_is_said_and_a_change_of_it_is_written_at_once()
    {
        var step = Step(measurement: Measured(1000, 999), replicas: 3);
        var itself = StatusPlanner.Plan(Agents.Of(), step, Running, Now);
        var burst = StatusPlanner.Plan(Agents.Of(), step with { Choice = new("full", "small") }, Running, Now);
        var priced = StatusPlanner.Plan(Agents.Of(), step with { Decision = step.Decision with { Basis = step.Decision.Basis with { ReplicaPrice = 2.5 } } }, Running, Now);

        Assert.Equal(("full", null, null), (itself.Serving!.Variant, itself.Serving.Burst, itself.Cost));
        Assert.Equal("small answers while replicas start", burst.Serving!.Reason);
        Assert.True(StatusPlanner.IsWorthWriting(itself, burst, Now));
        Assert.Equal(new CostStatus { PerReplicaHour = "2.5", PerHour = "7.5" }, priced.Cost);
    }

    private static (ConditionState Status, string Reason, string Message) Said(AgentStatus status, string type) => (Of(status, type).Status, Of(status, type).Reason, Of(status, type).Message);

    private static StatusCondition Of(AgentStatus status, string type) => status.Conditions.Single(c => c.Type == type);

    private static Measurement.Measured Measured(double requests, double met)
    {
        var rates = new WindowRates(60, requests / 60, requests / 60, requests / 60, requests, met);
        return new(new TrafficWindow { Short = rates, Medium = rates, Long = rates, P50Seconds = 0.01, P99Seconds = 0.04 }) { SampledAt = Now };
    }

    private static ControlStep Step(Measurement? measurement = null, int replicas = 1)
    {
        var input = new ControlInput { Agent = Agents.Of(), Workload = Running, MetricInterval = TimeSpan.FromSeconds(5) };
        var step = new AgentController().Step(input, Now);
        var target = new Target(replicas, step.Batching);
        return step with
        {
            Measurement = measurement ?? step.Measurement,
            Replicas = replicas,
            Decision = step.Decision with { Proposed = target, Applied = target },
        };
    }
}
