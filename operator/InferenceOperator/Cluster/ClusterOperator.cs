using InferenceOperator.Cluster.Admission;
using InferenceOperator.Cluster.Apply;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Cluster.Policies;
using InferenceOperator.Cluster.Pools;
using InferenceOperator.Cluster.Reporting;
using InferenceOperator.Cluster.Serving;
using InferenceOperator.Control;
using InferenceOperator.Control.Scarcity;
using InferenceOperator.Decisions;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Caching;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Kubernetes.Events;
using InferenceOperator.Kubernetes.Leases;
using InferenceOperator.Kubernetes.Queues;
using InferenceOperator.Kubernetes.Transport;
using InferenceOperator.Metrics;
using InferenceOperator.Workloads;

namespace InferenceOperator.Cluster;

/// <summary>The operator on a cluster, put together: watches → queue → one control loop for each agent → children, settings, status, events.</summary>
internal sealed class ClusterOperator : IOperatorPages, IAsyncDisposable
{
    /// <summary>A watch that was silent for so long is dead, although its connection does not know.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(5);

    private readonly ClusterOptions _options;
    private readonly SteadyTime _time;
    private readonly ILogger _logger;
    private readonly ApiRequestCounts _requests;
    private readonly KubernetesClient _client;
    private readonly ReplicaClient _replicas;
    private readonly PrometheusSource? _prometheus;
    private readonly DecisionLog? _decisions;
    private readonly DecisionTail _tail = new();
    private readonly ClusterReports _reports;
    private readonly EventRecorder _events;
    private readonly ClusterStatus _status;
    private readonly WorkQueue<ObjectKey> _queue;
    private readonly ChildApplier _applier;
    private readonly ClusterView _view;
    private readonly ClusterWorkloads _workloads;
    private readonly ClusterPools _pools;
    private readonly ReplicaWriters _writers;
    private readonly ClusterPolicies _policies;
    private readonly AgentFleet _fleet;
    private readonly AgentTerms _terms;
    private readonly KubernetesClient? _leaseClient;
    private readonly ShardLeases? _leases;
    private readonly AdmissionWebhook? _admission;
    private ServerVersion _version;

    /// <param name="options">How it works.</param>
    /// <param name="config">The API server.</param>
    /// <param name="loggers">Hear of it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="connect">Makes the connections to the API server; null: as <paramref name="config"/> says.</param>
    /// <param name="replicas">Carries the calls to replicas; null: connections to their addresses.</param>
    /// <exception cref="IOException">The log of decisions or the authorities of Prometheus cannot be opened.</exception>
    public ClusterOperator(ClusterOptions options, KubernetesConfig config, ILoggerFactory loggers, TimeProvider time, Func<KubernetesConfig, HttpMessageHandler>? connect = null, HttpMessageHandler? replicas = null)
    {
        connect ??= ConnectionHandlers.For;
        _options = options;
        var steady = _time = new SteadyTime(time);
        _logger = loggers.CreateLogger<ClusterOperator>();
        _requests = new ApiRequestCounts(new WriteGate(connect(config), () => _leases?.MayWrite ?? true));
        _client = new KubernetesClient(config, options.Client, _requests, time, loggers);
        _replicas = new ReplicaClient(options.ReplicaTimeout, replicas);
        _prometheus = options.Prometheus is { } prometheus ? new PrometheusSource(prometheus) : null;
        _decisions = options.DecisionsPath is { } path ? new DecisionLog(path) : null;
        _reports = new ClusterReports(_tail, _decisions);
        _events = new EventRecorder(_client, ChildApplier.FieldManager, Environment.MachineName, loggers.CreateLogger<EventRecorder>());
        var rejected = new RejectedSpecs();
        _status = new ClusterStatus(_client, rejected, new StatusEvents(_events), steady);
        _queue = new WorkQueue<ObjectKey>(new WorkQueueOptions { PauseMax = TimeSpan.FromMinutes(1) }, time, _logger);
        _applier = new ChildApplier(_client, steady, loggers.CreateLogger<ChildApplier>());
        _view = new ClusterView(_client, options.Scope, AgentChanged, ChildChanged, PodChanged, KindsChanged, time, _logger);
        _pools = new ClusterPools(_client, options.Scope, options.GpuCeilings, options.NodesGrow, time, _logger);
        _writers = new ReplicaWriters(_client, options.Scope, PodChanged, KindsChanged, time, _logger);
        _policies = new ClusterPolicies(_client, options.Prices, PoliciesChanged, time, _logger);
        _workloads = new ClusterWorkloads(
            _view,
            _writers,
            _pools,
            _applier,
            new AdminTokens(_client, steady, loggers.CreateLogger<AdminTokens>()),
            new ServedModels(_replicas, steady),
            options.Children,
            () => _version,
            steady);
        var ports = new AgentPorts(_workloads, Source(), _replicas, _status, new GpuArbiter(_pools), _reports, _logger, steady, options.Tick, options.Prices, new LearnedConfigMaps(_client)) { RolloutBlock = options.RolloutBlock, Turns = new TurnTraces(options.Traces) };
        _terms = new AgentTerms(options.Leases?.Shards ?? 1);
        _fleet = new AgentFleet(_view, ports, _workloads, _pools, _policies, _status, _reports, rejected, _terms, loggers.CreateLogger<AgentFleet>());
        if (options.Leases is { } leases)
        {
            _leaseClient = new KubernetesClient(config, ShardLeases.ClientOptions(leases.Timing, options.Client), connect(config), time, loggers);
            _leases = new ShardLeases(_leaseClient, leases, WorkAsync, loggers.CreateLogger<ShardLeases>());
        }

        if (options.Admission is { } admission)
        {
            // Every replica answers, also one that holds no Lease: its writes do not pass the gate.
            var client = new KubernetesClient(config, options.Client, connect(config), time, loggers);
            _admission = new AdmissionWebhook(client, admission, _policies.Judge, time, loggers.CreateLogger<AdmissionWebhook>());
        }
    }

    public string? Illness => _view.HasSynced && _view.Silence > SilenceMax ? $"a watch has been silent for {_view.Silence.TotalMinutes:0} minutes" : null;

    public string? NotReadyBecause => _view.HasSynced ? null : "the cluster has not been listed yet";

    /// <summary>Requests to the API server so far, by verb and code.</summary>
    public IReadOnlyDictionary<(string Verb, string Code), long> ApiRequests => _requests.Counts;

    /// <summary>Completes when the cluster has been listed once.</summary>
    public Task Synced => _view.Synced;

    /// <summary>The admission webhook; null: none is served.</summary>
    public AdmissionWebhook? Admission => _admission;

    /// <summary>Works until cancelled. Loops end in order; what runs in the cluster goes on running.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!await WaitForDefinitionAsync(cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        // Whichever of them ends first, by order or by a defect, takes the others with it.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] all = [_view.RunAsync(stop.Token), _writers.RunAsync(stop.Token), _policies.RunAsync(stop.Token), _pools.RunAsync(stop.Token), _events.RunAsync(stop.Token), ReconcileAsync(stop.Token), .. _admission is null ? [] : new[] { _admission.RunAsync(stop.Token) }];
        await Task.WhenAny(all).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(all).ConfigureAwait(false);
    }

    public byte[] Metrics() => OperatorMetrics.Render(new OperatorCounts(
        _fleet.Reconciles, _fleet.Failures, _reports.Steps, _queue.Count, _fleet.Count, _events.Dropped, [.. _status.Written.Values], _requests.Counts)
    {
        Leases = _leases is null ? null : new LeaseCounts(_options.Leases!.Shards, _leases.Held, _leases.Gained, _leases.Lost), // Both or none.
        Spans = _options.Traces?.Counts,
        ThrottledSeconds = _client.ThrottledTime.TotalSeconds,
        Admission = _admission?.Figures,
    });

    public byte[]? Decisions(string agent) => _tail.LinesOf(agent);

    public async ValueTask DisposeAsync()
    {
        await _fleet.DisposeAsync().ConfigureAwait(false);
        _workloads.Dispose();
        _queue.Dispose();
        _policies.Dispose();
        _decisions?.Dispose();
        _prometheus?.Dispose();
        _replicas.Dispose();
        _client.Dispose();
        _leaseClient?.Dispose();
        _admission?.Dispose();
    }

    private IMetricSource Source()
    {
        var direct = new DirectScrape(_replicas, _options.Tick, _time);
        return _prometheus is null ? direct : new FailoverSource(_prometheus, direct, _time);
    }

    /// <summary>Waits until the API server answers and knows the resource; says once what it waits for.</summary>
    /// <returns>False when cancelled first.</returns>
    private async Task<bool> WaitForDefinitionAsync(CancellationToken cancellationToken)
    {
        var server = _client.Config.Server;
        var said = "";
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (await _client.Discovery.ServesAsync(ClusterView.Agents, cancellationToken).ConfigureAwait(false))
                {
                    _version = await _client.GetVersionAsync(cancellationToken).ConfigureAwait(false);
                    _logger.Started(_options.Scope, server, _version.Text);
                    return true;
                }

                if (said != "missing")
                {
                    _logger.DefinitionMissing(server, ClusterView.Agents);
                    said = "missing";
                }
            }
            catch (ApiException e)
            {
                if (said != e.Message)
                {
                    _logger.ServerAway(server, e.Message);
                    said = e.Message;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return false;
            }

            await Task.Delay(LookAgainAfter, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Before everything has been listed, a child that is not in the view may well exist.
            await _view.Synced.WaitAsync(cancellationToken).ConfigureAwait(false);
            await _writers.Looked.WaitAsync(cancellationToken).ConfigureAwait(false);
            await _policies.LookedAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        // Who stands by has seen everything, and can act the moment it holds a Lease.
        await Task.WhenAll(
            _queue.RunAsync(_options.Workers, _fleet.ReconcileAsync, cancellationToken),
            _leases?.RunAsync(cancellationToken) ?? WorkAsync(0, cancellationToken)).ConfigureAwait(false);
        await _fleet.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Looks after the agents of one shard until told to end; what runs in the cluster goes on running.</summary>
    private async Task WorkAsync(int shard, CancellationToken end)
    {
        _terms.Begin(shard, end);
        foreach (var agent in _view.AgentKeys.Where(agent => _terms.ShardOf(agent) == shard))
        {
            _queue.Add(agent, WorkUrgency.Precaution);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, _time, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _terms.EndAsync(shard).ConfigureAwait(false);
        await _fleet.EndShardAsync(shard).ConfigureAwait(false);
    }

    // What the first list shows is nobody's change.
    private void AgentChanged(ObjectKey agent) => _queue.Add(agent, _view.HasSynced ? WorkUrgency.Awaited : WorkUrgency.Precaution);

    private void PoliciesChanged()
    {
        foreach (var agent in _view.AgentKeys)
        {
            _queue.Add(agent, WorkUrgency.Precaution);
        }
    }

    private void ChildChanged(ChildKind kind, ObjectChange<KeptObject> change)
    {
        var (child, gone) = change switch
        {
            ObjectChange<KeptObject>.Added added => (added.New, false),
            ObjectChange<KeptObject>.Updated updated => (updated.New, false),
            ObjectChange<KeptObject>.Deleted deleted => (deleted.Old, true),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (gone)
        {
            _applier.Forget(kind, child.Key);
        }

        if (child.Value.ControllerName is not { } name)
        {
            return;
        }

        var agent = new ObjectKey(child.Key.Namespace, name);
        if (gone || !_applier.Made(kind, child.Key, child.ResourceVersion))
        {
            _fleet.ChildChanged(agent);
        }
        else if (kind is ChildKind.Deployment)
        {
            _fleet.ChildSeen(agent);
        }
    }

    private void PodChanged(ObjectKey agent) => _fleet.PodChanged(agent);

    // Before there is anybody to hear of it, nobody has to.
    private void KindsChanged() => _fleet?.KindsChanged();
}
