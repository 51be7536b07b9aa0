using System.Collections.Concurrent;
using System.Collections.Immutable;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Control.Scarcity;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Scarcity;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Caching;
using InferenceOperator.Kubernetes.Errors;

namespace InferenceOperator.Cluster.Pools;

/// <summary>The GPUs that the cluster has for agents: free on its nodes, left by quotas, under the operator's ceilings.</summary>
/// <remarks>
/// Nothing is watched before the first agent with GPUs. What the operator may not read does not bound anybody, and
/// <see cref="Unknown"/> says so. Safe for several threads.
/// </remarks>
internal sealed class ClusterPools : IGpuPools
{
    /// <summary>Longest that an agent waits for the first look at nodes and quotas before it goes on without.</summary>
    private static readonly TimeSpan KnownWithin = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(5);

    /// <summary>Pods that have ended hold nothing.</summary>
    private const string Living = "status.phase!=Succeeded,status.phase!=Failed";

    /// <summary>Selects nothing.</summary>
    private const string NoObject = "inferenceoperator.io/none";

    private static readonly Resource<NodeState> NodeJson = new(ResourceType.Nodes, ClusterJson.Default.NodeState);
    private static readonly Resource<QuotaState> QuotaJson = new(ResourceType.ResourceQuotas, ClusterJson.Default.QuotaState);
    private static readonly Resource<PodDevicesState> PodJson = new(ResourceType.Pods, ClusterJson.Default.PodDevicesState);

    private readonly KubernetesClient _client;
    private readonly ClusterScope _scope;
    private readonly ImmutableArray<GpuCeiling> _ceilings;
    private readonly bool _nodesGrow;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Informer<NodeState> _nodes;
    private readonly ImmutableArray<Informer<QuotaState>> _quotas;
    private readonly ConcurrentDictionary<ObjectKey, PodDevices> _pods = new();
    private readonly TaskCompletionSource _needed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _nodesKnown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _quotasKnown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _nodesRefused;
    private volatile string? _quotasRefused;

    /// <param name="client">The API server.</param>
    /// <param name="scope">The namespaces whose quotas count.</param>
    /// <param name="ceilings">What all agents together may take.</param>
    /// <param name="nodesGrow">True: nodes are added for pods that wait, so that what is free on them bounds nobody.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of watches that fail.</param>
    public ClusterPools(KubernetesClient client, ClusterScope scope, ImmutableArray<GpuCeiling> ceilings, bool nodesGrow, TimeProvider time, ILogger logger)
    {
        (_client, _scope, _ceilings, _nodesGrow, _time, _logger) = (client, scope, ceilings, nodesGrow, time, logger);
        _nodes = new(client, NodeJson, new InformerOptions<NodeState>(), static _ => { }, logger);
        _quotas = [.. scope.Watched.Select(ns => new Informer<QuotaState>(client, QuotaJson, new() { Scope = ResourceScope.In(ns) }, static _ => { }, logger))];
    }

    /// <summary>Whether nodes are added for pods that wait.</summary>
    public bool NodesGrow => _nodesGrow;

    /// <summary>Why some pools are not known, for people; null: all are.</summary>
    public string? Unknown => (_nodesRefused, _quotasRefused) switch
    {
        (null, null) => null,
        ({ } nodes, null) => $"the GPUs that are free on the nodes are not known ({nodes})",
        (null, { } quotas) => $"the GPUs that quotas leave are not known ({quotas})",
        ({ } nodes, { } quotas) => $"the GPUs that are free on the nodes and those that quotas leave are not known ({nodes}; {quotas})",
    };

    /// <summary>Completes when the pools are known as far as they can be, or 10 s have passed; begins to look if nobody did.</summary>
    public async Task KnownAsync(CancellationToken cancellationToken)
    {
        _needed.TrySetResult();
        await Task.WhenAny(Task.WhenAll(_nodesKnown.Task, _quotasKnown.Task), Task.Delay(KnownWithin, _time, cancellationToken)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Looks until cancelled, from the first agent with GPUs on. Run it once, and await it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _needed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            await Task.WhenAll(NodesAsync(cancellationToken), QuotasAsync(cancellationToken)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The orderly end.
        }
    }

    public bool Bound(InferenceAgent agent) => agent.Spec.Gpu.Count > 0;

    public ReplicaAsk Counted(ReplicaAsk ask) => ask;

    public IReadOnlyList<GpuPool> Of(string resource, IReadOnlyCollection<ReplicaAsk> asking)
    {
        var pods = _pods.Values.Where(pod => pod.Counts.ContainsKey(resource)).ToList();
        var nodes = _nodes.HasSynced && _nodesKnown.Task.IsCompleted ? _nodes.Snapshot().ToDictionary(static n => n.Key.Name, static n => n.Value, StringComparer.Ordinal) : [];
        return
        [
            .. PoolReading.Nodes(resource, nodes, pods, asking),
            .. PoolReading.Quotas(resource, _quotas.SelectMany(static q => q.Snapshot()), pods, asking),
            .. PoolReading.Ceilings(resource, _ceilings, pods, asking),
        ];
    }

    /// <summary>What is lacking of a device for a replica that finds no place; null: there is enough of it, or that is not known.</summary>
    public CapacityLack? Lack(string resource) => _nodesRefused is null && !_nodesGrow && _nodes.HasSynced && _nodesKnown.Task.IsCompleted
        ? PoolReading.Lack(resource, [.. _nodes.Snapshot().Select(static n => n.Value)], Of(resource, []))
        : null;

    /// <summary>Nodes, with the pods of all namespaces; where that is refused, only the pods of the agents' namespaces, for the quotas.</summary>
    private async Task NodesAsync(CancellationToken cancellationToken)
    {
        _nodesRefused = _nodesGrow ? null
            : await RefusalAsync(NodeJson, "", cancellationToken).ConfigureAwait(false) ?? await RefusalAsync(PodJson, "", cancellationToken).ConfigureAwait(false);
        var readsNodes = !_nodesGrow && _nodesRefused is null;
        var pods = (readsNodes ? [""] : _scope.Watched)
            .Select(ns => new Informer<PodDevicesState>(
                _client, PodJson, new() { Scope = new() { Namespace = ns, FieldSelector = Living } }, Take, _logger))
            .ToList();
        List<Task> running = [.. pods.Select(p => p.RunAsync(cancellationToken))];
        if (readsNodes)
        {
            running.Add(_nodes.RunAsync(cancellationToken));
            await _nodes.Synced.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        await Task.WhenAll(pods.Select(static p => p.Synced)).WaitAsync(cancellationToken).ConfigureAwait(false);
        _nodesKnown.TrySetResult();
        await Task.WhenAll(running).ConfigureAwait(false);
    }

    private async Task QuotasAsync(CancellationToken cancellationToken)
    {
        foreach (var ns in _scope.Watched)
        {
            _quotasRefused ??= await RefusalAsync(QuotaJson, ns, cancellationToken).ConfigureAwait(false);
        }

        if (_quotasRefused is not null)
        {
            _quotasKnown.TrySetResult();
            return;
        }

        var running = _quotas.Select(q => q.RunAsync(cancellationToken)).ToList();
        await Task.WhenAll(_quotas.Select(static q => q.Synced)).WaitAsync(cancellationToken).ConfigureAwait(false);
        _quotasKnown.TrySetResult();
        await Task.WhenAll(running).ConfigureAwait(false);
    }

    /// <summary>Why a type may not be listed; null: it may. Asks until there is an answer.</summary>
    private async Task<string?> RefusalAsync<T>(Resource<T> resource, string ns, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                // Rights do not depend on the selection: nothing has this label.
                await _client.ListAsync(resource, new() { Namespace = ns, LabelSelector = NoObject }, cancellationToken).ConfigureAwait(false);
                return null;
            }
            catch (ApiException e) when (e.Reason is ApiErrorReason.Forbidden)
            {
                _logger.PoolUnknown(resource.Type, e.Message);
                return e.Message;
            }
            catch (ApiException)
            {
                await Task.Delay(LookAgainAfter, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void Take(ObjectChange<PodDevicesState> change)
    {
        var devices = change switch
        {
            ObjectChange<PodDevicesState>.Added added => PodDevices.Of(added.New.Value),
            ObjectChange<PodDevicesState>.Updated updated => PodDevices.Of(updated.New.Value),
            ObjectChange<PodDevicesState>.Deleted => null,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (devices is null)
        {
            _pods.TryRemove(change.Key, out _);
        }
        else
        {
            _pods[change.Key] = devices;
        }
    }
}
