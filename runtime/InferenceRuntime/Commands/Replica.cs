using System.Collections.Immutable;
using System.Security.Cryptography;
using InferenceRuntime.Admin;
using InferenceRuntime.Caching;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Execution;
using InferenceRuntime.Grpc;
using InferenceRuntime.Models;
using InferenceRuntime.Observability;
using InferenceRuntime.Settings;
using InferenceRuntime.Shadowing;
using InferenceRuntime.Telemetry;
using InferenceRuntime.Tracing;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Commands;

/// <summary>A model, or several, on its ports, from ready to drained. The composition root of serving.</summary>
internal sealed partial class Replica : IAsyncDisposable
{
    /// <summary>
    /// How long, at least, new work is refused before the port closes, so that each client that keeps sending reads a refusal and
    /// not a reset.
    /// </summary>
    public static readonly TimeSpan RefusalTime = TimeSpan.FromMilliseconds(500);

    private readonly ServeOptions _options;
    private readonly DataAccess _access;
    private readonly ConnectionAge _age;
    private readonly ConnectionAge _grpcAge;
    private readonly TimeProvider _clock;
    private readonly Traces? _traces;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger<Replica> _logger;
    private readonly ReplicaLifecycle _lifecycle = new();
    private readonly RequestMetrics _metrics;
    private readonly RuntimeSettings _initialSettings;
    private readonly CancellationTokenSource _end = new();
    private readonly ShadowCounters _shadowed = new();
    private ShadowSender? _shadow;
    private Task _warmUp = Task.CompletedTask;
    private CachingEngine? _engine;
    private FolderRepository? _repository;
    private TimeSpan? _startUp;
    private HttpEndpoint? _rest;
    private HttpEndpoint? _grpc;
    private HttpEndpoint? _metricsPort;
    private HttpEndpoint? _admin;

    public Replica(ServeOptions options, DataAccess access, RuntimeSettings settings, TimeProvider clock, ILoggerFactory loggers, Traces? traces)
    {
        _options = options;
        _access = access;
        _age = new ConnectionAge(options.ConnectionAgeMax, clock);
        _grpcAge = new ConnectionAge(options.ConnectionAgeMax, clock);
        _clock = clock;
        _traces = traces;
        _loggers = loggers;
        _logger = loggers.CreateLogger<Replica>();
        _initialSettings = settings;
        _metrics = new RequestMetrics(settings.Slo);
    }

    public ReplicaLifecycle Lifecycle => _lifecycle;

    /// <summary>The settings once there is an engine; null before.</summary>
    public SettingsInForce? Settings { get; private set; }

    /// <summary>Opens the metrics port: probes are answered while the model loads. Meanwhile the transport is warmed up.</summary>
    /// <exception cref="IOException">The port cannot be bound.</exception>
    public async Task OpenMetricsAsync(CancellationToken cancellationToken)
    {
        _warmUp = TransportWarmUp.RunAsync(_clock, _loggers, _end.Token);
        var application = new MetricsApplication(new MetricsPage(_options.MetricLabels()), ReadMetrics, _lifecycle);
        _metricsPort = await HttpEndpoint.StartAsync(
            application, new EndpointOptions(_options.Address, _options.MetricsPort, SettingsDocument.LengthMax), _loggers, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the other ports for a loaded model and says ready.</summary>
    /// <exception cref="IOException">A port cannot be bound.</exception>
    public async Task<ReplicaEndpoints> ServeAsync(IInferenceEngine loaded, ModelFacts facts, CancellationToken cancellationToken)
    {
        _shadow = _options.AdminTokenPath is { } tokenPath ? new ShadowSender(tokenPath, _shadowed, _loggers.CreateLogger<ShadowSender>()) : null;
        var engine = Cached(new ShadowingEngine(loaded, _shadow));
        _engine = engine;
        var export = new CacheExport(engine, facts.Sha256, _clock);
        await OpenAsync(new SingleModel(engine), engine, () => ReadState(engine, facts), export, new ShadowEndpoint(loaded, _shadowed, _clock), cancellationToken).ConfigureAwait(false);
        if (_options.Prefetch is { } prefetch)
        {
            await new PeerPrefetch(prefetch, engine, facts.Sha256, _clock, _loggers.CreateLogger<PeerPrefetch>())
                .RunAsync(cancellationToken).ConfigureAwait(false);
        }

        return Begin();
    }

    /// <summary>Opens the other ports for a repository whose models are ready, and says ready.</summary>
    /// <exception cref="IOException">A port cannot be bound.</exception>
    public async Task<ReplicaEndpoints> ServeAsync(FolderRepository repository, CancellationToken cancellationToken)
    {
        _repository = repository;
        await OpenAsync(repository, repository, () => ReadState(repository), export: null, shadow: null, cancellationToken).ConfigureAwait(false);
        return Begin();
    }

    /// <summary>Counts the requests of a model by themselves.</summary>
    public void CountApart(string model) => _metrics.CountApart(model);

    /// <summary>An engine with a cache of its own.</summary>
    public CachingEngine Cached(IInferenceEngine engine) => new(engine, RandomNumberGenerator.GetBytes(KeyedHash.SecretBytes), _clock);

    private async Task OpenAsync(
        IModelRepository repository, ISettingsTarget target, Func<ReplicaState> state, CacheExport? export, ShadowEndpoint? shadow, CancellationToken cancellationToken)
    {
        Settings = new SettingsInForce(target, _metrics, _loggers.CreateLogger<SettingsInForce>());
        var budget = new BodyBudget(Math.Max(1L << 30, 2 * _options.RequestBytesMax));
        var bodies = new RequestBody((int)_options.RequestBytesMax, budget);
        var traces = _traces is null ? null : new RequestTraces(_traces, _clock);
        var inference = new InferenceEndpoint(_metrics, _lifecycle, bodies, _clock, _loggers.CreateLogger<InferenceEndpoint>(), traces);
        _rest = await HttpEndpoint.StartAsync(
            new RestApplication(repository, _access.Rest(_options, _age), _lifecycle, inference, _clock),
            new EndpointOptions(_options.Address, _options.HttpPort, _options.RequestBytesMax) { Tls = _access.Tls }, _loggers, cancellationToken).ConfigureAwait(false);

        var methods = new GrpcMethods(repository, _metrics, _lifecycle, budget, (int)_options.RequestBytesMax, _options.ModelControl, _clock, traces);
        _grpc = await HttpEndpoint.StartAsync(
            new GrpcApplication(methods, _access.Tokens, _clock, _loggers.CreateLogger<GrpcApplication>()),
            EndpointOptions.ForGrpc(_options.Address, _options.GrpcPort, _grpcAge) with { Tls = _access.Tls }, _loggers, cancellationToken).ConfigureAwait(false);

        var token = _options.AdminTokenPath is { } path ? new AdminToken(path) : null;
        _admin = await HttpEndpoint.StartAsync(
            new AdminApplication(Settings, state, token, export, shadow, _loggers.CreateLogger<AdminApplication>()),
            new EndpointOptions(_options.Address, _options.AdminPort, SettingsDocument.LengthMax), _loggers, cancellationToken).ConfigureAwait(false);

        await _warmUp.ConfigureAwait(false);
    }

    private ReplicaEndpoints Begin()
    {
        _startUp = _clock.GetUtcNow() - ProcessFacts.Read().StartedAt;
        _lifecycle.MoveTo(ReplicaPhase.Ready);
        return new ReplicaEndpoints(_rest!.Url, _metricsPort!.Url, _admin!.Url, Environment.ProcessId, _grpc!.Url); // All open.
    }

    /// <summary>Sends clients away, then refuses work, then finishes what is in flight and closes the port.</summary>
    /// <param name="stop">Cuts all waiting short.</param>
    /// <returns>True when everything accepted was answered in time.</returns>
    public async Task<bool> DrainAsync(CancellationToken stop)
    {
        _lifecycle.MoveTo(ReplicaPhase.Leaving);
        _grpcAge.SendAllAway();
        LogLeaving(_options.DrainDelay);
        try
        {
            await Task.Delay(_options.DrainDelay, _clock, stop).ConfigureAwait(false);
            _lifecycle.MoveTo(ReplicaPhase.Draining);
            LogDraining(_metrics.InFlight);
            using var limit = new CancellationTokenSource(_options.DrainTimeout, _clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
            await Task.WhenAll(DrainModelsAsync(either.Token), Task.Delay(RefusalTime, _clock, either.Token)).ConfigureAwait(false);
            await Task.WhenAll(_rest!.StopAsync(either.Token), _grpc!.StopAsync(either.Token)).ConfigureAwait(false);
            LogDrained(_metrics.InFlight);
            return !either.IsCancellationRequested;
        }
        catch (OperationCanceledException)
        {
            _lifecycle.MoveTo(ReplicaPhase.Draining);
            LogCut(_metrics.InFlight);
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Whatever is still open is cut: the replica has drained, or was told not to wait.
        await _end.CancelAsync().ConfigureAwait(false);
        await _warmUp.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var port in (HttpEndpoint?[])[_rest, _grpc, _admin, _metricsPort])
        {
            if (port is not null)
            {
                await port.StopAsync(_end.Token).ConfigureAwait(false);
                port.Dispose();
            }
        }

        if (_shadow is not null)
        {
            await _shadow.DisposeAsync().ConfigureAwait(false);
        }

        _end.Dispose();
    }

    private Task DrainModelsAsync(CancellationToken cancellationToken) =>
        _repository?.DrainAsync(cancellationToken) ?? _engine?.DrainAsync(cancellationToken) ?? Task.CompletedTask;

    private ReplicaState ReadState(CachingEngine engine, ModelFacts facts) => new()
    {
        Model = engine.Signature.Name,
        ModelSha256 = facts.Sha256,
        Ready = _lifecycle.IsReady,
        Batched = engine.Signature.Batched,
        Provider = facts.Placement.Provider,
        AcceleratedTimeShare = facts.Placement.TimeShare,
        AcceleratedNodeShare = facts.Placement.NodeShare,
        Variants = Variants(engine.Statistics.Snapshot(_clock.GetTimestamp())),
        Threads = facts.Threads,
        StartUpSeconds = _startUp?.TotalSeconds ?? 0,
        Settings = engine.Settings,
    };

    private static VariantState[]? Variants(EngineSnapshot engine) => engine.Variants.IsEmpty
        ? null
        :
        [
            .. engine.Variants.Select(static variant => new VariantState
            {
                Name = variant.Name,
                Provider = variant.Placement.Provider,
                AcceleratedTimeShare = variant.Placement.TimeShare,
                AcceleratedNodeShare = variant.Placement.NodeShare,
            }),
        ];

    private ReplicaState ReadState(FolderRepository repository)
    {
        ServedModelState[] models =
        [
            .. repository.Serving.Select(static version => new ServedModelState
            {
                Model = version.Engine.Signature.Name,
                Version = version.Text,
                ModelSha256 = version.Facts.Sha256,
                Batched = version.Engine.Signature.Batched,
                Provider = version.Facts.Placement.Provider,
                AcceleratedTimeShare = version.Facts.Placement.TimeShare,
                AcceleratedNodeShare = version.Facts.Placement.NodeShare,
                Threads = version.Facts.Threads,
            }),
        ];
        var first = models.FirstOrDefault();
        return new ReplicaState
        {
            Model = first?.Model ?? "",
            ModelSha256 = first?.ModelSha256 ?? "",
            Ready = _lifecycle.IsReady,
            Batched = first?.Batched ?? false,
            Provider = first?.Provider ?? "",
            AcceleratedTimeShare = first?.AcceleratedTimeShare,
            AcceleratedNodeShare = first?.AcceleratedNodeShare,
            Threads = first?.Threads ?? 0,
            StartUpSeconds = _startUp?.TotalSeconds ?? 0,
            Settings = repository.Settings,
            Models = models,
        };
    }

    private ImmutableArray<ModelReading> ReadModels(FolderRepository repository)
    {
        var now = _clock.GetTimestamp();
        var serving = repository.Serving.ToDictionary(static version => version.Engine.Signature.Name, StringComparer.Ordinal);
        return
        [
            .. repository.Names.Select(name => serving.GetValueOrDefault(name) is { } version
                ? new ModelReading(name, _metrics.CountApart(name).Snapshot(), version.Engine.Statistics.Snapshot(now), version.Engine.Cache)
                : new ModelReading(name, _metrics.CountApart(name).Snapshot(), Engine: null, Cache: null)),
        ];
    }

    private MetricsReading ReadMetrics()
    {
        var reading = new MetricsReading(
            _metrics.Snapshot(),
            _engine?.Statistics.Snapshot(_clock.GetTimestamp()),
            _repository?.Settings ?? _engine?.Settings ?? _initialSettings,
            _lifecycle.IsReady,
            _startUp,
            ProcessFacts.Read(),
            _engine?.Cache) { Shadow = _shadowed.Snapshot(), Spans = _traces?.Counts };
        return _repository is not { } repository ? reading : reading with
        {
            Models = ReadModels(repository),
            Announced = repository.AnnouncedByStage,
            AnnouncedBytes = repository.AnnouncedBytes,
        };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Told to stop: not ready, still serving for {Delay}")]
    private partial void LogLeaving(TimeSpan delay);

    [LoggerMessage(Level = LogLevel.Information, Message = "Refusing new work, {InFlight} requests in flight")]
    private partial void LogDraining(long inFlight);

    [LoggerMessage(Level = LogLevel.Information, Message = "Drained, {InFlight} requests in flight")]
    private partial void LogDrained(long inFlight);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stopped before everything was answered, {InFlight} requests in flight")]
    private partial void LogCut(long inFlight);
}
