using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Caching;

namespace InferenceOperator.Cluster.Observation;

/// <summary>What the operator sees of the cluster: agents, their children and their pods, kept up to date by watches.</summary>
/// <remarks>Reading is safe for several threads. Secrets are not in it.</remarks>
internal sealed class ClusterView
{
    /// <summary>The collection of InferenceAgents.</summary>
    public static readonly ResourceType Agents = new(ResourceNames.Group, ResourceNames.Version, ResourceNames.Plural, ResourceNames.Kind, Namespaced: true);

    private readonly ImmutableArray<Informer<KeptObject>> _agents;
    private readonly ImmutableArray<Informer<PodState>> _podInformers;
    private readonly ImmutableDictionary<ChildKind, ImmutableArray<Informer<KeptObject>>> _children;
    private readonly ImmutableDictionary<ChildKind, ServedWatch<KeptObject>> _optional;
    private readonly PodIndex _pods = new();
    private readonly DeploymentIndex _deployments = new();

    /// <param name="client">The API server.</param>
    /// <param name="scope">The namespaces.</param>
    /// <param name="agentChanged">Hears of agents by their key.</param>
    /// <param name="childChanged">Hears of changed children. All are called on a watch's turn and must return at once.</param>
    /// <param name="podChanged">Hears of changed pods by namespace and <see cref="ChildNames.Base"/> of their agent.</param>
    /// <param name="kindsChanged">Hears when an optional kind of children can be made, or no longer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of watches that fail.</param>
    public ClusterView(
        KubernetesClient client,
        ClusterScope scope,
        Action<ObjectKey> agentChanged,
        Action<ChildKind, ObjectChange<KeptObject>> childChanged,
        Action<ObjectKey> podChanged,
        Action kindsChanged,
        TimeProvider time,
        ILogger logger)
    {
        var untyped = new InformerOptions<KeptObject>();
        _agents = [.. scope.Watched.Select(ns => new Informer<KeptObject>(
            client, Kept(Agents), untyped with { Scope = new ResourceScope { Namespace = ns } }, change => Tell(change, agentChanged), logger))];
        ImmutableArray<InformerOptions<KeptObject>> ours = [.. scope.Watched.Select(ns => untyped with { Scope = new ResourceScope { Namespace = ns, LabelSelector = ChildLabels.AllChildren } })];
        _children = ChildKinds.Needed.ToImmutableDictionary(static kind => kind, kind => ours.Select(options => new Informer<KeptObject>(
            client, Kept(kind.Versions()[0]), options, change => Tell(kind, change, childChanged), logger)).ToImmutableArray());
        _optional = ChildKinds.Optional.ToImmutableDictionary(static kind => kind, kind => new ServedWatch<KeptObject>(
            client, kind.Versions(), Kept, ours, change => childChanged(kind, change), logger.ChildrenUnknown, time, logger) { Turned = kindsChanged });
        _podInformers = [.. scope.Watched.Select(ns => new Informer<PodState>(
            client,
            new Resource<PodState>(ResourceType.Pods, ClusterJson.Default.PodState),
            new InformerOptions<PodState> { Scope = new ResourceScope { Namespace = ns, LabelSelector = ChildLabels.AllChildren } },
            change => Tell(_pods.Take(change), podChanged),
            logger))];
    }

    /// <summary>Whether everything has been listed once; until then, absence means nothing.</summary>
    public bool HasSynced => _agents.All(static i => i.HasSynced) && _podInformers.All(static i => i.HasSynced) && _children.Values.All(static all => all.All(static i => i.HasSynced))
        && _optional.Values.All(static watch => watch.Looked.IsCompleted);

    /// <summary>Completes when everything has been listed once.</summary>
    public Task Synced => Task.WhenAll(
    [
        .. _agents.Select(static i => i.Synced),
        .. _podInformers.Select(static i => i.Synced),
        .. _children.Values.SelectMany(static all => all.Select(static i => i.Synced)),
        .. _optional.Values.Select(static watch => watch.Looked),
    ]);

    /// <summary>The longest time for which one of the watches has not been heard of.</summary>
    public TimeSpan Silence => _agents.Select(static i => i.Silence).Concat(_podInformers.Select(static i => i.Silence)).Concat(_children.Values.SelectMany(static all => all.Select(static i => i.Silence))).Max();

    /// <summary>Keeps the view up to date until cancelled. Run it once, and await it.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
    [
        .. _agents.Select(i => i.RunAsync(cancellationToken)),
        .. _podInformers.Select(i => i.RunAsync(cancellationToken)),
        .. _children.Values.SelectMany(all => all.Select(i => i.RunAsync(cancellationToken))),
        .. _optional.Values.Select(watch => watch.RunAsync(cancellationToken)),
    ]);

    /// <summary>The optional kinds of children that can be made, in the version that is served.</summary>
    public ImmutableDictionary<ChildKind, ResourceType> Served() => _optional
        .Select(static pair => (Kind: pair.Key, pair.Value.Type))
        .Where(static pair => pair.Type is not null)
        .ToImmutableDictionary(static pair => pair.Kind, static pair => pair.Type!); // Asked above.

    /// <summary>An agent as last seen; null: there is none.</summary>
    public ApiObject<KeptObject>? Agent(ObjectKey key) => Find(_agents, key);

    /// <summary>The keys of all agents.</summary>
    public IEnumerable<ObjectKey> AgentKeys => _agents.SelectMany(static informer => informer.Snapshot()).Select(static agent => agent.Key);

    /// <summary>A child as last seen, whoever owns it; null: there is none with the operator's label.</summary>
    public ApiObject<KeptObject>? Child(ChildKind kind, ObjectKey key) => _optional.GetValueOrDefault(kind) is { } watch ? watch.Find(key) : Find(_children[kind], key);

    /// <summary>An agent's own Deployments that are not on their way out, the largest first.</summary>
    public ImmutableArray<ApiObject<JsonObject>> Deployments(InferenceAgent agent) =>
    [
        .. _deployments.Of(agent.Metadata.Namespace, ChildNames.Of(agent.Metadata.Name))
            .Select(name => Child(ChildKind.Deployment, new(agent.Metadata.Namespace, name))).OfType<ApiObject<KeptObject>>()
            .Where(d => d.Value.ControllerUid == agent.Metadata.Uid && !d.Value.IsGoing)
            .Select(static d => new ApiObject<JsonObject>(d.Key, d.Uid, d.ResourceVersion, d.Value.Read()))
            .OrderByDescending(static d => DeploymentReading.Replicas(d.Value) ?? 0).ThenBy(static d => d.Key.Name, StringComparer.Ordinal),
    ];

    /// <summary>The pods of an agent, by name.</summary>
    public ImmutableArray<PodState> Pods(InferenceAgent agent) => _pods.Of(agent.Metadata.Namespace, ChildNames.Of(agent.Metadata.Name));

    private static ApiObject<KeptObject>? Find(ImmutableArray<Informer<KeptObject>> informers, ObjectKey key) =>
        informers.Select(i => i.Find(key)).FirstOrDefault(static found => found is not null);

    private static Resource<KeptObject> Kept(ResourceType type) => new(type, ClusterJson.Default.KeptObject);

    private void Tell(ChildKind kind, ObjectChange<KeptObject> change, Action<ChildKind, ObjectChange<KeptObject>> hears)
    {
        if (kind is ChildKind.Deployment)
        {
            _deployments.Take(change);
        }

        hears(kind, change);
    }

    // Most changes of an agent are the operator's own to its status.
    private static void Tell(ObjectChange<KeptObject> change, Action<ObjectKey> hears)
    {
        if (change is not ObjectChange<KeptObject>.Updated { Old.Value: var old, New.Value: var now } || (old.Generation, old.IsGoing, old.Labels) != (now.Generation, now.IsGoing, now.Labels))
        {
            hears(change.Key);
        }
    }

    private static void Tell(ObjectKey? key, Action<ObjectKey> hears)
    {
        if (key is { } known)
        {
            hears(known);
        }
    }
}
