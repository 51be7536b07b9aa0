using System.ComponentModel;
using System.Net;
using InferenceOperator.Core.Observation;
using InferenceOperator.Local.Endpoint;
using InferenceOperator.Local.Endpoint.Grpc;
using InferenceOperator.Workloads;
using InferenceRuntime.Contract;

namespace InferenceOperator.Local.Replicas;

/// <summary>One replica on this machine: a child process that is started, watched, started again with backoff, and drained.</summary>
/// <remarks>
/// <see cref="RunAsync"/> is its only owner and the only one that changes <see cref="State"/>; others read it and may ask for the
/// end with <see cref="Drain"/>. The order of a drain: the endpoint is told first (through the changed state), then the last
/// requests are answered, then SIGTERM, then, when that takes too long, SIGKILL.
/// </remarks>
internal sealed class LocalReplica
{
    // The exit code by which inference-runtime says that the model cannot be served.
    private const int ModelRefusedCode = 3;

    private readonly ReplicaHost _host;
    private readonly ReplicaFiles _files;
    private readonly AdminToken _token;
    private readonly Func<IEnumerable<Uri>> _peers;
    private readonly Action _changed;
    private readonly RestartBackoff _backoff = new();
    private readonly TaskCompletionSource _drain = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile RuntimeSettings _settings;
    private volatile LocalReplicaState _state;
    private volatile string _lastLine = "it printed nothing";
    private int _starts;

    /// <param name="name">Its name, a file name too.</param>
    /// <param name="launch">What it is started with.</param>
    /// <param name="settings">What it comes up with.</param>
    /// <param name="token">Opens its admin port.</param>
    /// <param name="peers">Gives the admin ports of the replicas that it may ask for cached responses when it starts; they open with the same token.</param>
    /// <param name="host">Its surroundings.</param>
    /// <param name="changed">Called after each change of <see cref="State"/>, on any thread; must return at once.</param>
    public LocalReplica(
        string name, ReplicaLaunch launch, RuntimeSettings settings, AdminToken token, Func<IEnumerable<Uri>> peers, ReplicaHost host, Action changed)
    {
        Name = name;
        Launch = launch;
        _settings = settings;
        _token = token;
        _peers = peers;
        _host = host;
        _changed = changed;
        _files = new ReplicaFiles(Path.Combine(host.StateFolder, "replicas", name));
        _state = LocalReplicaState.Starting(host.Time.GetUtcNow());
    }

    public string Name { get; }

    public ReplicaLaunch Launch { get; }

    /// <summary>Where it stands.</summary>
    public LocalReplicaState State => _state;

    /// <summary>Settings that the next process comes up with. The running one gets them through its admin port.</summary>
    public RuntimeSettings Settings
    {
        get => _settings;
        set
        {
            _settings = value;
            if (_state.Phase is ReplicaPhase.Ready)
            {
                // Also for a replica that somebody restarts by hand from its folder.
                TryWriteSettings(value);
            }
        }
    }

    /// <summary>How to reach it, when it has addresses.</summary>
    public ReplicaAccess? Access => _state is { Addresses: { } addresses } state
        ? new ReplicaAccess(Name, $"{Name}#{state.Pid}", state.Phase, addresses.Metrics, addresses.Admin, _token)
        : null;

    /// <summary>Asks for its orderly end. May be called again.</summary>
    public void Drain() => _drain.TrySetResult();

    /// <summary>Runs it until a drain has ended.</summary>
    /// <param name="cancellationToken">Skips what is left of a drain: the process is killed.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            _files.Create(_token);
            while (!_drain.Task.IsCompleted)
            {
                var readyFor = await RunOnceAsync(cancellationToken).ConfigureAwait(false);
                if (!_drain.Task.IsCompleted)
                {
                    await WaitBeforeRestartAsync(_backoff.After(readyFor)).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            _files.Remove();
        }
    }

    private async Task<TimeSpan> RunOnceAsync(CancellationToken cancellationToken)
    {
        ChildProcess? child = null;
        try
        {
            _files.Prepare(_settings, _peers());
            child = await StartAsync().ConfigureAwait(false);
            if (await WaitUntilReadyAsync(child).ConfigureAwait(false) is not { } ready)
            {
                if (_drain.Task.IsCompleted)
                {
                    Move(_state with { Phase = ReplicaPhase.Draining, Since = _host.Time.GetUtcNow() });
                }

                await EndAsync(child, cancellationToken).ConfigureAwait(false);
                return TimeSpan.Zero;
            }

            var (addresses, placement) = ready;
            var readyAt = _host.Time.GetTimestamp();
            var upstream = new Upstream(Name, Point(addresses.Http), new GrpcChannel(Point(addresses.Grpc!)), _host.Limits, _host.Time); // Without one it is not ready.
            Move(new LocalReplicaState(ReplicaPhase.Ready, _host.Time.GetUtcNow(), "", child.Pid, addresses, upstream, ModelRefused: false) { Placement = placement });
            await Task.WhenAny(child.Exited, _drain.Task).ConfigureAwait(false);
            await LeaveAsync(child, upstream, cancellationToken).ConfigureAwait(false);
            return _host.Time.GetElapsedTime(readyAt);
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or UnauthorizedAccessException)
        {
            Fail($"cannot be started: {exception.Message}");
            return TimeSpan.Zero;
        }
        finally
        {
            child?.Dispose();
        }
    }

    private static IPEndPoint Point(Uri address) => new(IPAddress.Parse(address.Host), address.Port);

    private Task<ChildProcess> StartAsync()
    {
        _starts++;
        if (_starts > 1)
        {
            Move(LocalReplicaState.Starting(_host.Time.GetUtcNow()) with { Message = _state.Message, ModelRefused = _state.ModelRefused });
        }

        return _host.Spawner.StartAsync(new ChildCommand(
            _host.Runtime.Program, [.. _host.Runtime.Arguments, .. Launch.Arguments(Name, _files)], _files.Folder, Log));
    }

    // Null: it ended, took too long, loaded another model than it should, or is to be drained.
    private async Task<(ReplicaEndpoints Addresses, ModelPlacement Placement)?> WaitUntilReadyAsync(ChildProcess child)
    {
        var began = _host.Time.GetTimestamp();
        ReplicaEndpoints? addresses = null;
        while (_host.Time.GetElapsedTime(began) < _host.Times.StartMax)
        {
            var look = Task.Delay(_host.Times.Look, _host.Time, CancellationToken.None);
            await Task.WhenAny(look, child.Exited, _drain.Task).ConfigureAwait(false);
            if (_drain.Task.IsCompleted)
            {
                return null;
            }

            if (child.Exited.IsCompleted)
            {
                var code = await child.Exited.ConfigureAwait(false);
                Fail(_files.ReadTermination() ?? $"ended with code {code} before it was ready: {_lastLine}", code == ModelRefusedCode);
                return null;
            }

            addresses ??= _files.ReadPorts();
            if (addresses is not null && await IsReadyAsync(addresses).ConfigureAwait(false) is { } state)
            {
                return IsRightModel(state) && HasGrpc(addresses) ? (addresses, ReplicaPlacement.Of(state)) : null;
            }
        }

        Fail($"was not ready within {_host.Times.StartMax.TotalSeconds} s and was ended");
        return null;
    }

    private bool IsRightModel(ReplicaState state)
    {
        if (string.Equals(state.ModelSha256, Launch.ModelSha256, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        Fail($"loaded a model with sha256 {state.ModelSha256}, not {Launch.ModelSha256}: {Launch.ModelPath} changed meanwhile", modelRefused: true);
        return false;
    }

    private bool HasGrpc(ReplicaEndpoints addresses)
    {
        if (addresses.Grpc is null)
        {
            Fail("names no gRPC port: the program inference-runtime is older than this one");
        }

        return addresses.Grpc is not null;
    }

    private async Task<ReplicaState?> IsReadyAsync(ReplicaEndpoints addresses)
    {
        try
        {
            var state = await _host.Client.GetStateAsync(addresses.Admin, _token, CancellationToken.None).ConfigureAwait(false);
            return state.Ready ? state : null;
        }
        catch (WorkloadException)
        {
            return null; // Not yet; the time it may take is bounded by the caller.
        }
    }

    private async Task LeaveAsync(ChildProcess child, Upstream upstream, CancellationToken cancellationToken)
    {
        if (child.Exited.IsCompleted)
        {
            var code = await child.Exited.ConfigureAwait(false);
            Fail(_files.ReadTermination() ?? (code > 128 ? $"was ended by signal {code - 128}" : $"ended with code {code}"));
            await upstream.RetireAsync().WaitAsync(_host.Times.DrainMax, _host.Time, CancellationToken.None).SwallowTimeout().ConfigureAwait(false);
            return;
        }

        Move(_state with { Phase = ReplicaPhase.Draining, Since = _host.Time.GetUtcNow() });
        await upstream.RetireAsync().WaitAsync(_host.Times.DrainMax, _host.Time, cancellationToken).SwallowTimeout().ConfigureAwait(false);
        await EndAsync(child, cancellationToken).ConfigureAwait(false);
    }

    private async Task EndAsync(ChildProcess child, CancellationToken cancellationToken)
    {
        child.Terminate();
        await child.Exited.WaitAsync(_host.Times.EndMax, _host.Time, cancellationToken).SwallowTimeout().ConfigureAwait(false);
        child.Kill();
        await child.Exited.ConfigureAwait(false);
    }

    private async Task WaitBeforeRestartAsync(TimeSpan wait)
    {
        Move(_state with { RestartAt = _host.Time.GetUtcNow() + wait });
        var delay = Task.Delay(wait, _host.Time, CancellationToken.None);
        await Task.WhenAny(delay, _drain.Task).ConfigureAwait(false);
    }

    private void Fail(string reason, bool modelRefused = false)
    {
        _host.Logger.ReplicaEnded(Name, reason);
        Move(new LocalReplicaState(ReplicaPhase.Failed, _host.Time.GetUtcNow(), reason, 0, null, null, modelRefused));
    }

    private void Move(LocalReplicaState state)
    {
        _state = state;
        _changed();
    }

    private void Log(string line)
    {
        _lastLine = line.Length > 300 ? line[..300] : line;
        _host.Output.Append(System.Text.Encoding.UTF8.GetBytes($"{Name} | {line}"));
    }

    private void TryWriteSettings(RuntimeSettings settings)
    {
        try
        {
            _files.WriteSettings(settings);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start writes them again, and reports the fault then.
            _host.Logger.SettingsNotWritten(Name, exception.Message);
        }
    }
}
