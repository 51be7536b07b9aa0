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
    private readonly RolloutControl _rollout = new(ports.RolloutBlock);
    private readonly SettingsPush _settings = new(ports.Client, ports.Time);
    private readonly LearnedMemory? _learned = ports.Learned is { } store ? new(store, ports.Logger, ports.Time) : null;
    private readonly RetryGate _stepping = new(ports.Time);
    private readonly RetryGate _observing = new(ports.Time);
    private readonly RetryGate _reading = new(ports.Time);
    private readonly RetryGate _applying = new(ports.Time);
    private readonly RetryGate _writing = new(ports.Time);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private InferenceAgent _latest = agent;
    private InferenceAgent _agent = agent;
    private bool _drifted;
    private bool _restated;
    private bool _isGone;
    private AgentStatus? _written = agent.Status;
    private (WorkloadPlan Plan, long At)? _applied;
    private bool _isRefused;

    /// <summary>How long an applied plan is taken for granted; then it is applied again, which changes nothing unless something drifted.</summary>
    public static readonly TimeSpan ApplyAgainAfter = TimeSpan.FromSeconds(30);

    /// <summary>How long applying a plan may fail for reasons that go away by themselves before status says that something is in the way.</summary>
    public static readonly TimeSpan StalledAfter = TimeSpan.FromMinutes(5);

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
                await WaitAsync(wait < ports.Tick ? wait : ports.Tick, cancellationToken).ConfigureAwait(false);
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
            return await StepAsync(cancellationToken).ConfigureAwait(false);
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
        var step = _controller.Step(input, now);
        var rollout = _rollout.Step(input, step, now);
        var plan = WorkloadPlan.For(_agent, step) with { Sides = rollout?.Sides };
        await ApplyAsync(plan, cancellationToken).ConfigureAwait(false);
        await _settings.PushAsync(
            running.Replicas, replica => SettingsOf(replica, running, plan), reading.Samples, SettingsFailed, cancellationToken).ConfigureAwait(false);
        await ReportAsync(step, workload, rollout, cancellationToken).ConfigureAwait(false);
        if (_learned is not null)
        {
            await _learned.KeepAsync(_controller, _agent, cancellationToken).ConfigureAwait(false);
        }

        return step.WakeAfter;
    }

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

        try
        {
            var running = await ports.Workloads.ObserveAsync(_agent, cancellationToken).ConfigureAwait(false);
            _observing.Succeed();
            return running;
        }
        catch (WorkloadException exception)
        {
            if (_observing.Fail(exception.Message))
            {
                ports.Logger.ObserveFailed(Key, exception.Message);
            }

            return null;
        }
    }

    private async Task<MetricReading> ReadAsync(RunningWorkload running, CancellationToken cancellationToken)
    {
        var reading = await ports.Metrics.ReadAsync(_agent, running.Replicas, cancellationToken).ConfigureAwait(false);
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

    private async Task ApplyAsync(WorkloadPlan plan, CancellationToken cancellationToken)
    {
        var changed = _applied is not { } applied || applied.Plan != plan with { Agent = applied.Plan.Agent };
        var due = changed || ports.Time.GetElapsedTime(_applied!.Value.At) >= ApplyAgainAfter;
        if (!due || !_applying.IsOpen)
        {
            return;
        }

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
        if ((!StatusPlanner.IsWorthWriting(_written, status, now) && !Volatile.Read(ref _restated)) || !_writing.IsOpen)
        {
            return;
        }

        Volatile.Write(ref _restated, false);
        try
        {
            await ports.Status.WriteAsync(_agent, status, cancellationToken).ConfigureAwait(false);
            _written = status;
            _writing.Succeed();
        }
        catch (WorkloadException exception)
        {
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

    private static RuntimeSettings SettingsOf(ReplicaAccess replica, RunningWorkload running, WorkloadPlan plan) => RuntimeSettingsFrom.Plan(
        replica.Revision is { } revision && running.Declared.TryGetValue(revision, out var declared) ? ReplicaSettings.For(declared, plan.Settings.Batching, plan.Choice) : plan.Settings);

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

        _wake.Reader.TryRead(out _);
    }
}
