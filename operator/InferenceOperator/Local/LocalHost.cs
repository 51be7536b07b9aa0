using System.Collections.Immutable;
using InferenceOperator.Control;
using InferenceOperator.Control.Scarcity;
using InferenceOperator.Decisions;
using InferenceOperator.Files;
using InferenceOperator.Local.Endpoint;
using InferenceOperator.Local.Replicas;
using InferenceOperator.Manifests;
using InferenceOperator.Metrics;
using InferenceOperator.Workloads;

namespace InferenceOperator.Local;

/// <summary>
/// The local mode, whole: manifests watched, one control loop per agent, replicas as child processes, one endpoint in front.
/// For the command <c>local</c> and for programs that want it inside them.
/// </summary>
/// <remarks>Start it with <see cref="StartAsync"/>, end it with <see cref="StopAsync"/>, which drains; then dispose it.</remarks>
internal sealed class LocalHost : IAsyncDisposable
{
    // Written 4 times over at most: the present file and three older ones.
    private const long LogBytesMax = 8 << 20;
    private const int LogOlderMax = 3;

    private static readonly TimeSpan ReplyMax = TimeSpan.FromSeconds(2);

    private readonly LocalOptions _options;
    private readonly SteadyTime _time;
    private readonly Action<string> _say;
    private readonly ILogger _logger;
    private readonly StateFolder _state;
    private readonly RollingFile _output;
    private readonly DecisionLog _decisions;
    private readonly ChildSpawner _spawner;
    private readonly ReplicaClient _client;
    private readonly RouteTable _routes = new();
    private readonly LocalWorkloads _workloads;
    private readonly CancellationTokenSource _stopWatching = new();
    private readonly CancellationTokenSource _cut = new();
    private EndpointServer? _endpoint;
    private Task _watching = Task.CompletedTask;
    private bool _stopped;

    private LocalHost(LocalOptions options, ILogger logger, Action<string> say, TimeProvider time)
    {
        _options = options;
        _logger = logger;
        var steady = _time = new SteadyTime(time);
        _say = say;
        _state = StateFolder.Open(options.StateFolder);
        DecisionsPath = Path.GetFullPath(options.DecisionsPath ?? Path.Combine(_state.Path, LocalOptions.DecisionsFile));
        try
        {
            _output = new RollingFile(OutputPath, LogBytesMax, LogOlderMax);
            _decisions = OpenDecisions(DecisionsPath);
        }
        catch
        {
            _output?.Dispose();
            _state.Dispose();
            throw;
        }

        _spawner = new ChildSpawner();
        _client = new ReplicaClient(ReplyMax);
        var replicas = new ReplicaHost(options.Runtime, _state.Path, _spawner, _client, options.Limits, options.Times, _output, logger, steady);
        _workloads = new LocalWorkloads(replicas, _routes, options.Cores, options.SecretsFolder, options.ModelSources);
        var gpus = new GpuArbiter(new LocalPools(options.GpuCeilings, options.ReplicaCeiling));
        Agents = new LocalAgents(
            agents => new AgentPorts(_workloads, new DirectScrape(_client, options.Tick, steady), _client, agents, gpus, agents, logger, steady, options.Tick, options.Prices, new LearnedFiles(Path.Combine(_state.Path, "learned"))) { RolloutBlock = options.RolloutBlock, IsOneMachine = true, Turns = new TurnTraces(options.Traces) },
            _workloads, _routes, options.Limits, _decisions, (agent, line) => say($"{agent}: {line}"), _cut.Token);
    }

    /// <summary>The endpoint's address.</summary>
    public Uri Address => _endpoint?.Address ?? throw new InvalidOperationException("the local mode was not started");

    /// <summary>The endpoint's address for gRPC.</summary>
    public Uri GrpcAddress => _endpoint?.GrpcAddress ?? throw new InvalidOperationException("the local mode was not started");

    /// <summary>The agents: their views, and an event after each control step.</summary>
    public LocalAgents Agents { get; }

    /// <summary>Speaks to replicas and to the endpoint.</summary>
    public ReplicaClient Client => _client;

    /// <summary>The log of decisions.</summary>
    public string DecisionsPath { get; }

    /// <summary>The replicas' output.</summary>
    public string OutputPath => Path.Combine(_state.Path, "logs", "replicas.log");

    /// <summary>Starts it; replicas come up in the background.</summary>
    /// <param name="options">What it is told.</param>
    /// <param name="logger">Hears of changes and failures.</param>
    /// <param name="say">Takes lines for people; must return at once.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="LocalStartException">It cannot start: no manifest is good, the address or the state folder is taken.</exception>
    public static async Task<LocalHost> StartAsync(
        LocalOptions options, ILogger logger, Action<string> say, TimeProvider time, CancellationToken cancellationToken)
    {
        var texts = await ManifestFolder.ReadAsync(options.Path, cancellationToken).ConfigureAwait(false);
        var first = ManifestReader.Read(texts);
        if (first.Agents.IsEmpty)
        {
            throw new LocalStartException(string.Join('\n', (string[])[.. first.Remarks, .. Faults(first), $"{options.Path} declares no InferenceAgent that can be served"]));
        }

        var host = new LocalHost(options, logger, say, time);
        try
        {
            var pages = new LocalPages(() => host.Agents.Views, host._routes, host._time);
            host._endpoint = await EndpointServer.StartAsync(
                options.Listen, options.ListenGrpc, host._routes, options.Limits, pages, time, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw new LocalStartException($"the endpoint cannot listen on {options.Listen} and {options.ListenGrpc}: {exception.Message}", exception);
        }

        if (!host._spawner.TiesChildren)
        {
            say("setpriv (util-linux) was not found: should this process be killed, its replicas would go on running");
        }

        await host.TakeAsync(first).ConfigureAwait(false);
        host._watching = Task.Run(() => host.WatchAsync(texts, host._stopWatching.Token), CancellationToken.None);
        return host;
    }

    /// <summary>Takes no new requests, answers those inside, drains the replicas.</summary>
    /// <param name="cancellationToken">Cuts what is still inside and kills what still runs.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        await _stopWatching.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        using (cancellationToken.Register(_cut.Cancel))
        {
            if (_endpoint is not null)
            {
                await _endpoint.StopAsync(cancellationToken).ConfigureAwait(false);
            }

            await Agents.StopLoopsAsync().ConfigureAwait(false);
            await _workloads.CloseAsync(_cut.Token).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cut.CancelAsync().ConfigureAwait(false);
        await StopAsync(_cut.Token).ConfigureAwait(false);
        if (_endpoint is not null)
        {
            await _endpoint.DisposeAsync().ConfigureAwait(false);
        }

        _spawner.Dispose();
        _client.Dispose();
        _decisions.Dispose();
        _output.Dispose();
        _state.Dispose();
        _stopWatching.Dispose();
        _cut.Dispose();
    }

    private static DecisionLog OpenDecisions(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/");
            return new DecisionLog(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LocalStartException($"the log of decisions {path} cannot be written: {exception.Message}", exception);
        }
    }

    private static IEnumerable<string> Faults(ManifestSet set) => set.Faults.SelectMany(fault => fault.Lines);

    private async Task TakeAsync(ManifestSet set)
    {
        foreach (var line in set.Remarks.Concat(Faults(set)))
        {
            _say(line);
        }

        await Agents.ApplyAsync(set).ConfigureAwait(false);
    }

    // Not even a fault of ours in taking one edit may end the watch: the next edit has to be heard.
    private async Task TakeGuardedAsync(ManifestSet set)
    {
        try
        {
            await TakeAsync(set).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _logger.ManifestsNotTaken(exception);
        }
    }

    // A change is taken when two looks in a row agree: an editor may write a file in several steps, or remove it first.
    private async Task WatchAsync(ImmutableArray<ManifestText> taken, CancellationToken cancellationToken)
    {
        try
        {
            var last = taken;
            while (true)
            {
                await Task.Delay(_options.Look, _time, cancellationToken).ConfigureAwait(false);
                var texts = await ManifestFolder.ReadAsync(_options.Path, cancellationToken).ConfigureAwait(false);
                if (!texts.SequenceEqual(taken) && texts.SequenceEqual(last))
                {
                    taken = texts;
                    await TakeGuardedAsync(ManifestReader.Read(texts)).ConfigureAwait(false);
                }

                last = texts;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The orderly end.
        }
    }
}
