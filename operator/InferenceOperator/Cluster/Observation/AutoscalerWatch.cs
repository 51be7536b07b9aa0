using System.Collections.Immutable;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Caching;

namespace InferenceOperator.Cluster.Observation;

/// <summary>The autoscalers of one kind, by the Deployments that they scale.</summary>
/// <remarks>Reading is safe for several threads.</remarks>
internal sealed class AutoscalerWatch
{
    private readonly ServedWatch<AutoscalerState> _watch;
    private readonly Action<ObjectKey> _targetChanged;

    /// <param name="client">The API server.</param>
    /// <param name="versions">The kind in its versions, the one to be preferred first.</param>
    /// <param name="scope">The namespaces.</param>
    /// <param name="targetChanged">Hears of Deployments that an autoscaler began or ceased to scale. Called on a watch's turn; must return at once.</param>
    /// <param name="turned">Hears when it becomes known, or no longer known, what there is.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of what cannot be read.</param>
    public AutoscalerWatch(KubernetesClient client, ImmutableArray<ResourceType> versions, ClusterScope scope, Action<ObjectKey> targetChanged, Action turned, TimeProvider time, ILogger logger)
    {
        _targetChanged = targetChanged;
        _watch = new(
            client,
            versions,
            static type => new(type, ClusterJson.Default.AutoscalerState),
            [.. scope.Watched.Select(static ns => new InformerOptions<AutoscalerState> { Scope = ResourceScope.In(ns) })],
            Tell,
            logger.AutoscalersUnknown,
            time,
            logger)
        { Turned = turned };
    }

    /// <summary>Completes when it is known for the first time what there is, or that it cannot be known.</summary>
    public Task Looked => _watch.Looked;

    /// <summary>Why it is not known what there is; null: it is known.</summary>
    public string? Unknown => _watch.Unknown;

    /// <summary>The autoscalers that scale a Deployment, by name.</summary>
    public IEnumerable<ObjectKey> Of(ObjectKey deployment) => _watch.Snapshot()
        .Where(found => found.Key.Namespace == deployment.Namespace && found.Value.Spec.ScaleTargetRef?.Deployment == deployment.Name)
        .Select(static found => found.Key)
        .OrderBy(static key => key.Name, StringComparer.Ordinal);

    /// <summary>Looks and follows until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => _watch.RunAsync(cancellationToken);

    private void Tell(ObjectChange<AutoscalerState> change)
    {
        var (before, after) = change switch
        {
            ObjectChange<AutoscalerState>.Added added => (null, added.New),
            ObjectChange<AutoscalerState>.Updated updated => (updated.Old, updated.New),
            ObjectChange<AutoscalerState>.Deleted deleted => (deleted.Old, (ApiObject<AutoscalerState>?)null),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        foreach (var name in new[] { before, after }.Select(static state => state?.Value.Spec.ScaleTargetRef?.Deployment).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            _targetChanged(new(change.Key.Namespace, name));
        }
    }
}
