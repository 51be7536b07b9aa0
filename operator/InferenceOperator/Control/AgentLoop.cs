using System.Threading.Channels;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Metrics;
using InferenceOperator.Workloads;
using InferenceRuntime.Contract;

namespace InferenceOperator.Control;

/// <summary>The async shell round one agent's <see cref="AgentController"/>: observe, read metrics, step, apply, report.</summary>
/// <remarks>
/// <see cref="RunAsync"/> owns the controller; <see cref="Update"/>, <see cref="Reapply"/> and <see cref="Wake"/> may be called from any thread. Nothing that
/// fails ends the loop or touches another agent's: it is logged once per change, shown in status, and tried again with backoff.
/// The mode (Auto, Recommend, Observe) is Core's matter: in the latter two a step asks for what is already there.
/// </remarks>
internal sealed class AgentLoop(InferenceAgent agent, AgentPorts ports)
{
    private readonly AgentController _controller = new();
    private readonly RolloutControl _rollout = new(ports.RolloutBlock, ports.IsOneMachine);
    private readonly SettingsPush _settings = new(ports.Client, ports.Time);
    private readonly LearnedMemory? _learned = ports.Learned is { } store ? new(store, ports.Logger, ports.Time) : null;
    private readonly RetryGate _stepping = new(ports.Time);
    private readonly RetryGate _observing = new(ports.Time);
    private readonly RetryGate _reading = new(ports.Time);
    private readonly RetryGate _applying = new(ports.Time);
    private readonly RetryGate _writing = new(ports.Time);
    private readonly StepPace _pace = new(RestMax * (1 - (RestSpread * Spread.Of(agent.Key()))));
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private InferenceAgent _latest = agent;
    private InferenceAgent _agent = agent;
    private bool _drifted;
    private bool _restated;
    private bool _isGone;
    private bool _owesStatus;
    private AgentStatus? _written = agent.Status;
    private (WorkloadPlan Plan, long At)? _applied;
    private bool _isRefused;

    /// <summary>How long an applied plan is taken for granted while what runs is not yet what it asks for; then it is applied again.</summary>
    public static readonly TimeSpan ApplyAgainAfter = TimeSpan.FromSeconds(30);

    /// <summary>The same once it is: whoever changes what was made is heard of, so that this finds only what nobody can see.</summary>
    public static readonly TimeSpan ApplyAgainAtRest = TimeSpan.FromMinutes(10);

    /// <summary>How long applying a plan may fail for reasons that go away by themselves before status says that something is in the way.</summary>
    public static readonly TimeSpan StalledAfter = TimeSpan.FromMinutes(5);

    /// <summary>Longest time between two steps of an agent at rest; each has its own, shorter by up to a part, so that many do not step at the same time.</summary>
    public static readonly TimeSpan RestMax = TimeSpan.FromMinutes(5);
    private const double RestSpread = 0.5;

    /// <summary>The agent's key.</summary>
    public string Key { get; } = agent.Key();

    /// <summary>Takes a new version of the resource, and steps soon. Its status is ignored: the loop knows what it wrote.</summary>
    public void Update(InferenceAgent agent)
    {
        Volatile.Write(ref _latest, agent);
        Wake();
    }

    /// <summary>Steps soon, and applies the plan again: somebody changed what it made.</summary>
    public void Reapply()
    {
        Volatile.Write(ref _drifted, true);
        Wake();
    }

    /// <summary>Steps soon, and writes status whether or not it is news: somebody else has written over it.</summary>
    public void Restate()
    {
        Volatile.Write(ref _restated, true);
        Wake();
    }

    /// <summary>Steps soon: something happened to a replica.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>The agent is gone: nothing of it is kept.</summary>
    public void Forget() => Volatile.Write(ref _isGone, true);

    /// <summary>Steps until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var wait = await StepGuardedAsync(cancellationToken).ConfigureAwait(false);
                await WaitAsync(wait, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The orderly end.
        }
        finally
        {
            if (_learned is not null && !Volatile.Read(ref _isGone))
            {
                await _learned.KeepLastAsync(_controller, _agent).ConfigureAwait(false);
            }

            ports.Gpus.Forget(Key);
        }
    }

    // One agent's fault, even a broken promise in our own code, must not end the others or this one's next try.
    private async Task<TimeSpan> StepGuardedAsync(CancellationToken cancellationToken)
    {
        try
        {
            var wait = await StepAsync(cancellationToken).ConfigureAwait(false);
            _stepping.Succeed();
            return wait;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            if (_stepping.Fail(exception.Message))
            {
                ports.Logger.StepFailed(exception, Key);
            }

            return ports.Tick;
        }
    }

    /// <summary>One step.</summary>
    /// <returns>When to step again at the latest.</returns>
    internal async Task<TimeSpan> StepAsync(CancellationToken cancellationToken)
    {
        TakeLatest();
        using var turn = ports.Turns.Begin(_agent);
        if (await ObserveAsync(cancellationToken).ConfigureAwait(false) is not { } running)
        {
            return ports.Tick;
        }

        if (_learned is not null)
        {
            await _learned.RestoreAsync(_controller, _agent, cancellationToken).ConfigureAwait(false);
        }

        var reading = await ReadAsync(running, cancellationToken).ConfigureAwait(false);
        var workload = WithFailures(running.Observation);
        var now = ports.Time.GetUtcNow();
        var input = new ControlInput
        {
            Agent = _agent,
            Workload = workload,
            Samples = reading.Samples,
            MetricInterval = ports.Metrics.Interval,
            MetricFailure = reading.Failure,
            Divide = ports.Gpus.For(_agent),
            Prices = ports.Prices,
        };
        var (step, rollout) = Decide(input, now);
        var plan = WorkloadPlan.For(_agent, step) with { Sides = rollout?.Sides };
        await ApplyAsync(plan, running.IsReachable && Stands(plan, workload), cancellationToken).ConfigureAwait(false);
        var shadow = ShadowTarget.Of(_agent.Spec.Rollout.Shadow, rollout, running.Replicas);
        await _settings.PushAsync(
            running.Replicas, replica => SettingsOf(replica, running, plan, shadow), reading.Samples, SettingsFailed, cancellationToken).ConfigureAwait(false);
        await ReportAsync(step, workload, rollout, cancellationToken).ConfigureAwait(false);
        if (_learned is not null)
        {
            await _learned.KeepAsync(_controller, _agent, cancellationToken).ConfigureAwait(false);
        }

        // Longer than a tick it asks for only where no traffic has come for long.
        var asked = step.WakeAfter > AgentController.TickMax || step.WakeAfter < ports.Tick ? step.WakeAfter : ports.Tick;
        return _pace.After(asked, IsAtRest(plan, workload, running, reading, rollout, input.Divide is not null));
    }

    private (ControlStep Step, RolloutPlan? Rollout) Decide(ControlInput input, DateTimeOffset now)
    {
        using var span = ports.Turns.Part("decide");
        var step = _controller.Step(input, now);
        TurnTraces.Describe(span, step);
        return (step, _rollout.Step(input, step, now));
    }

    /// <summary>What runs is what the plan asks for.</summary>
    private static bool Stands(WorkloadPlan plan, WorkloadObservation workload) =>
        workload is { Rollout: null, ApplyProblem: null, ApplyDelay: null, ModelProblem: null } && workload.Replicas.Length == plan.Replicas && workload.Replicas.All(static replica => replica.Phase is ReplicaPhase.Ready);

    /// <summary>Only an event can bring anything new: nothing is under way, failed, owed, or to be read again, and nobody's ask for GPUs bears on it.</summary>
    private bool IsAtRest(WorkloadPlan plan, WorkloadObservation workload, RunningWorkload running, MetricReading reading, RolloutPlan? rollout, bool sharesGpus) =>
        !sharesGpus
        && Stands(plan, workload)
        && workload.Endpoint is null
        && running is { Replicas.IsEmpty: true, IsReachable: true }
        && reading is { Samples.IsEmpty: true, Failure: null }
        && rollout is null or { State: RolloutState.Stable }
        && _applied is not null
        && !_owesStatus
        && new[] { _applying, _writing }.All(static gate => gate.Failure is null);

    private void TakeLatest()
    {
        var latest = Volatile.Read(ref _latest);
        var drifted = Interlocked.Exchange(ref _drifted, false);
        if (drifted || _agent.Spec != latest.Spec || _agent.Metadata.Generation != latest.Metadata.Generation)
        {
            _applied = null;
            _isRefused = false;
        }

        _agent = latest with { Status = _written };
    }

    private async Task<RunningWorkload?> ObserveAsync(CancellationToken cancellationToken)
    {
        if (!_observing.IsOpen)
        {
            return null;
        }

        using var span = ports.Turns.Part("observe");
        try
        {
            var running = await ports.Workloads.ObserveAsync(_agent, cancellationToken).ConfigureAwait(false);
            _observing.Succeed();
            return running;
        }
        catch (WorkloadException exception)
        {
            TurnTraces.Fail(span, exception.Message);
            if (_observing.Fail(exception.Message))
            {
                ports.Logger.ObserveFailed(Key, exception.Message);
            }

            return null;
        }
    }

    private async Task<MetricReading> ReadAsync(RunningWorkload running, CancellationToken cancellationToken)
    {
        using var span = ports.Turns.Part("scrape");
        var reading = await ports.Metrics.ReadAsync(_agent, running.Replicas, cancellationToken).ConfigureAwait(false);
        TurnTraces.Describe(span, reading);
        if (reading.Failure is { } failure)
        {
            if (_reading.Fail(failure))
            {
                ports.Logger.MetricsFailed(Key, failure);
            }
        }
        else if (_reading.Succeed())
        {
            ports.Logger.MetricsBack(Key);
        }

        return reading;
    }

    private async Task ApplyAsync(WorkloadPlan plan, bool stands, CancellationToken cancellationToken)
    {
        var changed = _applied is not { } applied || applied.Plan != plan with { Agent = applied.Plan.Agent };
        var due = changed || ports.Time.GetElapsedTime(_applied!.Value.At) >= (stands ? ApplyAgainAtRest : ApplyAgainAfter); // Applied before: it has not changed.
        if (!due || !_applying.IsOpen)
        {
            return;
        }

        using var span = ports.Turns.Part("apply");
        try
        {
            await ports.Workloads.ApplyAsync(plan, cancellationToken).ConfigureAwait(false);
            _applied = (plan, ports.Time.GetTimestamp());
            _isRefused = false;
            if (_applying.Succeed())
            {
                ports.Logger.ApplyBack(Key);
            }
        }
        catch (WorkloadException exception)
        {
            TurnTraces.Fail(span, exception.Message);
            _isRefused |= exception.IsRefusal;
            if (_applying.Fail(exception.Message))
            {
                ports.Logger.ApplyFailed(Key, exception.Message);
            }
        }
    }

    private async Task ReportAsync(ControlStep step, WorkloadObservation workload, RolloutPlan? rollout, CancellationToken cancellationToken)
    {
        var now = ports.Time.GetUtcNow();
        var status = StatusPlanner.Plan(_agent, step, workload, now, rollout);
        ports.Reports.Take(new AgentReport(_agent, workload, step, status));
        _owesStatus = StatusPlanner.NewsIn(_written, status) is not StatusNews.None;
        if ((!StatusPlanner.IsWorthWriting(_written, status, now) && !Volatile.Read(ref _restated)) || !_writing.IsOpen)
        {
            return;
        }

        Volatile.Write(ref _restated, false);
        using var span = ports.Turns.Part("write status");
        try
        {
            await ports.Status.WriteAsync(_agent, status, cancellationToken).ConfigureAwait(false);
            _written = status;
            _owesStatus = false;
            _writing.Succeed();
        }
        catch (WorkloadException exception)
        {
            TurnTraces.Fail(span, exception.Message);
            Volatile.Write(ref _restated, true);
            if (_writing.Fail(exception.Message))
            {
                ports.Logger.StatusFailed(Key, exception.Message);
            }
        }
    }

    /// <summary>What could not be applied: in the way, or only late.</summary>
    private WorkloadObservation WithFailures(WorkloadObservation seen)
    {
        var isLasting = _isRefused || _applying.FailingFor >= StalledAfter;
        return seen with
        {
            ApplyProblem = seen.ApplyProblem ?? (isLasting ? _applying.Failure : null) ?? RefusedSettings(seen),
            ApplyDelay = isLasting ? null : _applying.Failure,
        };
    }

    // While replicas come and go, those of the former model are asked to take settings that are meant for the next: no news.
    private string? RefusedSettings(WorkloadObservation workload) =>
        workload.Replicas.All(static replica => replica.Phase is ReplicaPhase.Ready) ? _settings.Refusal : null;

    private static RuntimeSettings SettingsOf(ReplicaAccess replica, RunningWorkload running, WorkloadPlan plan, ShadowTarget? shadow) => RuntimeSettingsFrom.Plan(
        replica.Revision is { } revision && running.Declared.TryGetValue(revision, out var declared) ? ReplicaSettings.For(declared, plan.Settings.Batching, plan.Choice) : plan.Settings) with
    {
        Shadow = shadow is not null && shadow.From == replica.Revision ? shadow.Settings : null,
    };

    private void SettingsFailed(string replica, string reason) => ports.Logger.SettingsFailed(Key, replica, reason);

    // Woken, it still keeps a quarter of a tick from its last step: many changes at once are one step's matter.
    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var began = ports.Time.GetTimestamp();
        using (var awake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            var delay = Task.Delay(wait, ports.Time, awake.Token);
            await Task.WhenAny(delay, _wake.Reader.WaitToReadAsync(awake.Token).AsTask()).ConfigureAwait(false);
            await awake.CancelAsync().ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var early = (ports.Tick / 4) - ports.Time.GetElapsedTime(began);
        if (early > TimeSpan.Zero)
        {
            await Task.Delay(early, ports.Time, cancellationToken).ConfigureAwait(false);
        }

        if (_wake.Reader.TryRead(out _))
        {
            _pace.Reset();
        }
    }
}
