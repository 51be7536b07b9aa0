using System.Collections.Immutable;
using InferenceOperator.Control;
using InferenceOperator.Control.Scarcity;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceOperator.Local;
using InferenceOperator.Metrics;
using InferenceOperator.Workloads;
using InferenceRuntime.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Tests.Control;

public sealed class AgentLoopTests : IDisposable
{
    private static readonly InferenceAgent Agent = new()
    {
        Metadata = new AgentMetadata { Name = "digits", Generation = 1 },
        Spec = new AgentSpec { Model = new ModelSpec { Uri = "file:///m.onnx" } },
    };

    private readonly SimulatedClock _clock = new();
    private readonly Surroundings _around = new();
    private readonly ReplicaClient _client = new(TimeSpan.FromSeconds(5));
    private readonly AgentPorts _ports;
    private readonly AgentLoop _loop;

    public AgentLoopTests()
    {
        _ports = new AgentPorts(_around, _around, _client, _around, new GpuArbiter(new LocalPools([], replicas: null)), _around, _around, new SteadyTime(_clock), TimeSpan.FromSeconds(1));
        _loop = new AgentLoop(Agent, _ports);
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task The_first_step_starts_a_replica_and_writes_status()
    {
        await _loop.StepAsync(CancellationToken.None);

        Assert.Equal(1, Assert.Single(_around.Applied).Replicas);
        Assert.Equal(1, Assert.Single(_around.Written).Replicas);
        Assert.Equal(DecisionRule.Start, Assert.Single(_around.Reports).Step.Decision.Rule);
    }

    [Fact]
    public async Task A_turn_is_a_trace_of_its_parts_that_says_what_was_decided_and_what_failed()
    {
        await using var receiver = await TraceReceiver.StartAsync();
        var settings = new TraceSettings { Endpoint = new Uri(receiver.Http, "v1/traces"), Service = "operator" };
        var traces = new Traces(settings, "turns", seed: 1, TimeProvider.System, NullLoggerFactory.Instance);
        var loop = new AgentLoop(
            Agent,
            new AgentPorts(_around, _around, _client, _around, new GpuArbiter(new LocalPools([], replicas: null)), _around, _around, new SteadyTime(_clock), TimeSpan.FromSeconds(1)) { Turns = new TurnTraces(traces) });
        _around.StatusFault = "conflict";

        await loop.StepAsync(CancellationToken.None);
        await traces.DisposeAsync();

        var turn = Assert.Single(receiver.Spans, static s => s.ParentId.Length == 0);
        Assert.Equal(("turn", "digits", 1L), (turn.Name, turn["inference.agent.name"], turn["inference.agent.generation"]));
        var parts = receiver.Spans.Where(s => s.ParentId == turn.SpanId).OrderBy(static s => s.StartedAt).ToList();
        Assert.Equal(["observe", "scrape", "decide", "apply", "write status"], parts.Select(static s => s.Name));
        Assert.All(parts, part => Assert.Equal((turn.TraceId, part.Name == "write status"), (part.TraceId, part.IsError)));
        Assert.Equal(("Start", 1L), (parts[2]["inference.decision.rule"], parts[2]["inference.decision.replicas"]));
        Assert.NotEqual("", parts[2]["inference.decision.reason"]);
        Assert.Null(System.Diagnostics.Activity.Current);
    }

    [Fact]
    public async Task What_is_applied_is_not_applied_again_until_drift_could_have_happened()
    {
        await _loop.StepAsync(CancellationToken.None);
        _around.Workload = new WorkloadObservation { WantedReplicas = 1 };
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _loop.StepAsync(CancellationToken.None);
        Assert.Single(_around.Applied);

        _clock.Advance(AgentLoop.ApplyAgainAfter);
        await _loop.StepAsync(CancellationToken.None);

        Assert.Equal(2, _around.Applied.Count);
    }

    [Fact]
    public async Task An_agent_at_rest_writes_and_applies_nothing_for_an_hour_and_is_hardly_looked_at()
    {
        await RestAsync();
        var (written, applied, steps) = (_around.Written.Count, _around.Applied.Count, _around.Reports.Count);

        await LiveAsync(_loop, TimeSpan.FromHours(1));

        Assert.Equal(written, _around.Written.Count);
        Assert.InRange(_around.Applied.Count - applied, 0, 6); // To be sure, each ten minutes.
        Assert.InRange(_around.Reports.Count - steps, 12, 24);
    }

    [Fact]
    public async Task What_happens_at_rest_is_said_at_once_and_ends_the_rest()
    {
        await RestAsync();
        _around.Workload = _around.Workload with { Replicas = [] };

        Assert.Equal(TimeSpan.FromSeconds(1), await _loop.StepAsync(CancellationToken.None));

        Assert.Equal(0, _around.Written[^1].ReadyReplicas);
    }

    [Fact]
    public async Task Who_has_a_replica_to_ask_is_not_at_rest()
    {
        await RestAsync();
        _around.Access = [new("a", "a/0", ReplicaPhase.Starting, new Uri("http://127.0.0.1:1"), new Uri("http://127.0.0.1:2"), new AdminToken("token"))];
        await _loop.StepAsync(CancellationToken.None);
        var steps = _around.Reports.Count;

        await LiveAsync(_loop, TimeSpan.FromMinutes(1));

        Assert.Equal(60, _around.Reports.Count - steps);
    }

    [Fact]
    public async Task A_restart_writes_nothing()
    {
        await RestAsync();
        var agent = Agent with { Status = _around.Written[^1] };
        _around.Written.Clear();

        await LiveAsync(new AgentLoop(agent, _ports), TimeSpan.FromHours(1));

        Assert.Empty(_around.Written);
    }

    [Fact]
    public async Task A_changed_spec_is_applied_at_once()
    {
        await _loop.StepAsync(CancellationToken.None);

        _loop.Update(Agent with { Metadata = Agent.Metadata with { Generation = 2 }, Spec = Agent.Spec with { Scaling = new ScalingSpec { Replicas = 3 } } });
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _loop.StepAsync(CancellationToken.None);

        Assert.Equal([1, 3], _around.Applied.Select(plan => plan.Replicas));
        Assert.Equal(2, _around.Written[^1].ObservedGeneration);
    }

    [Fact]
    public async Task A_plan_that_cannot_be_applied_is_said_once_and_tried_again_with_backoff()
    {
        _around.ApplyFault = "no room";
        for (var second = 0; second < 8; second++)
        {
            await _loop.StepAsync(CancellationToken.None);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(4, _around.ApplyCalls); // At 0, 1, 3 and 7 s.
        Assert.Single(_around.Lines, line => line.Contains("no room", StringComparison.Ordinal));

        _around.ApplyFault = null;
        _clock.Advance(TimeSpan.FromSeconds(8));
        await _loop.StepAsync(CancellationToken.None);
        Assert.Single(_around.Applied);
    }

    [Fact]
    public async Task Without_an_observation_nothing_is_decided()
    {
        _around.ObserveFault = "the API server is away";

        await _loop.StepAsync(CancellationToken.None);

        Assert.Empty(_around.Applied);
        Assert.Empty(_around.Reports);
        Assert.Single(_around.Lines);
    }

    [Fact]
    public async Task Status_that_could_not_be_written_is_written_later()
    {
        _around.StatusFault = "conflict";
        await _loop.StepAsync(CancellationToken.None);
        Assert.Empty(_around.Written);

        _around.StatusFault = null;
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _loop.StepAsync(CancellationToken.None);

        Assert.Single(_around.Written);
    }

    [Fact]
    public async Task A_metric_failure_is_said_once_and_again_when_it_is_over()
    {
        _around.MetricFault = "connection refused";
        await _loop.StepAsync(CancellationToken.None);
        await _loop.StepAsync(CancellationToken.None);
        _around.MetricFault = null;
        await _loop.StepAsync(CancellationToken.None);

        Assert.Equal(2, _around.Lines.Count);
        Assert.Contains("read again", _around.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Observe_changes_nothing_that_runs()
    {
        _around.Workload = new WorkloadObservation { WantedReplicas = 4 };
        _loop.Update(Agent with { Spec = Agent.Spec with { Scaling = new ScalingSpec { Mode = ScalingMode.Observe } } });

        await _loop.StepAsync(CancellationToken.None);

        Assert.All(_around.Applied, plan => Assert.Equal(4, plan.Replicas));
    }

    [Fact]
    public async Task A_fault_in_a_step_does_not_end_the_loop()
    {
        _around.Breaks = true;
        using var stop = new CancellationTokenSource();
        var running = _loop.RunAsync(stop.Token);
        Assert.False(running.IsCompleted);

        _around.Breaks = false;
        _clock.Advance(TimeSpan.FromSeconds(5));
        await _around.Reported.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await stop.CancelAsync();
        await running;
    }

    /// <summary>Everything runs as it should, and there is nobody to ask; for so long that the loop has found its pace.</summary>
    private async Task RestAsync()
    {
        _around.Workload = new WorkloadObservation { WantedReplicas = 1, Replicas = [new("a", ReplicaPhase.Ready, _clock.GetUtcNow())] };
        await LiveAsync(_loop, TimeSpan.FromMinutes(30));
    }

    /// <summary>Steps as often as the loop asks for.</summary>
    private async Task LiveAsync(AgentLoop loop, TimeSpan span)
    {
        for (var end = _clock.GetUtcNow() + span; _clock.GetUtcNow() < end;)
        {
            _clock.Advance(await loop.StepAsync(CancellationToken.None));
        }
    }

    /// <summary>All ports of the loop, in memory.</summary>
    internal sealed class Surroundings : IWorkloads, IMetricSource, IStatusSink, IAgentReports, ILogger
    {
        public WorkloadObservation Workload { get; set; } = WorkloadObservation.Nothing;

        public ImmutableArray<ReplicaAccess> Access { get; set; } = [];

        public string? ObserveFault { get; set; }

        public string? ApplyFault { get; set; }

        public bool IsRefused { get; set; }

        public string? StatusFault { get; set; }

        public string? MetricFault { get; set; }

        public bool Breaks { get; set; }

        public int ApplyCalls { get; private set; }

        public List<WorkloadPlan> Applied { get; } = [];

        public List<AgentStatus> Written { get; } = [];

        public List<AgentReport> Reports { get; } = [];

        public List<string> Lines { get; } = [];

        public TaskCompletionSource Reported { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TimeSpan Interval => TimeSpan.FromSeconds(1);

        public ValueTask<RunningWorkload> ObserveAsync(InferenceAgent agent, CancellationToken cancellationToken) =>
            Breaks ? throw new InvalidOperationException("a broken promise")
            : ObserveFault is { } fault ? throw new WorkloadException(fault)
            : new(new RunningWorkload(Workload, Access));

        public ValueTask ApplyAsync(WorkloadPlan plan, CancellationToken cancellationToken)
        {
            ApplyCalls++;
            if (ApplyFault is { } fault)
            {
                throw new WorkloadException(fault) { IsRefusal = IsRefused };
            }

            Applied.Add(plan);
            return ValueTask.CompletedTask;
        }

        public ValueTask<MetricReading> ReadAsync(InferenceAgent agent, ImmutableArray<ReplicaAccess> replicas, CancellationToken cancellationToken) =>
            new(new MetricReading([], MetricFault));

        public ValueTask WriteAsync(InferenceAgent agent, AgentStatus status, CancellationToken cancellationToken)
        {
            if (StatusFault is { } fault)
            {
                throw new WorkloadException(fault);
            }

            Written.Add(status);
            return ValueTask.CompletedTask;
        }

        public void Take(AgentReport report)
        {
            Reports.Add(report);
            Reported.TrySetResult();
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
