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

    private readonly ImmutableArray<Informer<JsonObject>> _agents;
    private readonly ImmutableArray<Informer<PodState>> _podInformers;
    private readonly ImmutableDictionary<ChildKind, ImmutableArray<Informer<JsonObject>>> _children;
    private readonly ImmutableDictionary<ChildKind, ServedWatch<JsonObject>> _optional;
    private readonly PodIndex _pods = new();
    private readonly DeploymentIndex _deployments = new();

    /// <param name="client">The API server.</param>
    /// <param name="scope">The namespaces.</param>
    /// <param name="agentChanged">Hears of agents by their key.</param>
    /// <param name="childChanged">Hears of changed children by the key of their agent. All are called on a watch's turn and must return at once.</param>
    /// <param name="childGone">Hears of children that were deleted, before <paramref name="childChanged"/> does.</param>
    /// <param name="podChanged">Hears of changed pods by namespace and <see cref="ChildNames.Base"/> of their agent.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of watches that fail.</param>
    public ClusterView(
        KubernetesClient client,
        ClusterScope scope,
        Action<ObjectKey> agentChanged,
        Action<ObjectKey> childChanged,
        Action<ChildKind, ObjectKey> childGone,
        Action<ObjectKey> podChanged,
        TimeProvider time,
        ILogger logger)
    {
        var untyped = new InformerOptions<JsonObject> { Keep = Slim };
        _agents = [.. scope.Watched.Select(ns => new Informer<JsonObject>(
            client, Resource.Untyped(Agents), untyped with { Scope = new ResourceScope { Namespace = ns } }, change => agentChanged(change.Key), logger))];
        ImmutableArray<InformerOptions<JsonObject>> ours = [.. scope.Watched.Select(ns => untyped with { Scope = new ResourceScope { Namespace = ns, LabelSelector = ChildLabels.AllChildren } })];
        _children = ChildKinds.Needed.ToImmutableDictionary(static kind => kind, kind => ours.Select(options => new Informer<JsonObject>(
            client, Resource.Untyped(kind.Versions()[0]), options, change => Tell(kind, change, childChanged, childGone, kind is ChildKind.Deployment ? _deployments : null), logger)).ToImmutableArray());
        _optional = ChildKinds.Optional.ToImmutableDictionary(static kind => kind, kind => new ServedWatch<JsonObject>(
            client, kind.Versions(), Resource.Untyped, ours, change => Tell(kind, change, childChanged, childGone), logger.ChildrenUnknown, time, logger));
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
    public ApiObject<JsonObject>? Agent(ObjectKey key) => Find(_agents, key);

    /// <summary>The keys of all agents.</summary>
    public IEnumerable<ObjectKey> AgentKeys => _agents.SelectMany(static informer => informer.Snapshot()).Select(static agent => agent.Key);

    /// <summary>A child as last seen, whoever owns it; null: there is none with the operator's label.</summary>
    public ApiObject<JsonObject>? Child(ChildKind kind, ObjectKey key) => _optional.GetValueOrDefault(kind) is { } watch ? watch.Find(key) : Find(_children[kind], key);

    /// <summary>An agent's own Deployments that are not on their way out, the largest first.</summary>
    public ImmutableArray<ApiObject<JsonObject>> Deployments(InferenceAgent agent) =>
    [
        .. _deployments.Of(agent.Metadata.Namespace, ChildNames.Of(agent.Metadata.Name))
            .Select(name => Child(ChildKind.Deployment, new(agent.Metadata.Namespace, name))).OfType<ApiObject<JsonObject>>()
            .Where(d => OwnerReference.ControllerUid(d.Value) == agent.Metadata.Uid && d.Value["metadata"]?["deletionTimestamp"] is null)
            .OrderByDescending(static d => DeploymentReading.Replicas(d.Value) ?? 0).ThenBy(static d => d.Key.Name, StringComparer.Ordinal),
    ];

    /// <summary>The pods of an agent, by name.</summary>
    public ImmutableArray<PodState> Pods(InferenceAgent agent) => _pods.Of(agent.Metadata.Namespace, ChildNames.Of(agent.Metadata.Name));

    private static ApiObject<JsonObject>? Find(ImmutableArray<Informer<JsonObject>> informers, ObjectKey key) =>
        informers.Select(i => i.Find(key)).FirstOrDefault(static found => found is not null);

    /// <summary>Who owns which field, and what kubectl last applied, is more than half of an object. Written anew, for a parsed object keeps the text it was read from.</summary>
    private static JsonObject Slim(JsonObject value)
    {
        var metadata = value["metadata"] as JsonObject;
        metadata?.Remove("managedFields");
        (metadata?["annotations"] as JsonObject)?.Remove("kubectl.kubernetes.io/last-applied-configuration");
        return JsonNode.Parse(value.ToJsonString())!.AsObject(); // It was an object.
    }

    private static void Tell(ObjectKey? key, Action<ObjectKey> hears)
    {
        if (key is { } known)
        {
            hears(known);
        }
    }

    private static void Tell(ChildKind kind, ObjectChange<JsonObject> change, Action<ObjectKey> hears, Action<ChildKind, ObjectKey> gone, DeploymentIndex? index = null)
    {
        index?.Take(change);
        if (change is ObjectChange<JsonObject>.Deleted)
        {
            gone(kind, change.Key);
        }

        var child = change switch
        {
            ObjectChange<JsonObject>.Added added => added.New,
            ObjectChange<JsonObject>.Updated updated => updated.New,
            ObjectChange<JsonObject>.Deleted deleted => deleted.Old,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (OwnerReference.ControllerName(child.Value) is { } agent)
        {
            hears(new(child.Key.Namespace, agent));
        }
    }
}
