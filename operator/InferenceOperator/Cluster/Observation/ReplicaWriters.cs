using System.Collections.Immutable;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Observation;

/// <summary>Who else writes the replicas of Deployments: HorizontalPodAutoscalers, and KEDA's ScaledObjects where KEDA is installed.</summary>
/// <remarks>An autoscaler that scales the InferenceAgent itself is none of them: what it writes is <c>scaling.replicas</c>. Reading is safe for several threads.</remarks>
internal sealed class ReplicaWriters
{
    /// <summary>What they scale is said alike in both versions.</summary>
    public static ImmutableArray<ResourceType> HorizontalPodAutoscalers { get; } =
    [
        new("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", Namespaced: true),
        new("autoscaling", "v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", Namespaced: true),
    ];

    public static ImmutableArray<ResourceType> ScaledObjects { get; } = [new("keda.sh", "v1alpha1", "scaledobjects", "ScaledObject", Namespaced: true)];

    // A ScaledObject makes a HorizontalPodAutoscaler of its own: people know the former.
    private readonly (string Kind, AutoscalerWatch Watch)[] _all;

    /// <param name="client">The API server.</param>
    /// <param name="scope">The namespaces.</param>
    /// <param name="targetChanged">Hears of Deployments, by key, for which it changed. Must return at once.</param>
    /// <param name="turned">Hears when it becomes known, or no longer known, who there is.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of what cannot be read.</param>
    public ReplicaWriters(KubernetesClient client, ClusterScope scope, Action<ObjectKey> targetChanged, Action turned, TimeProvider time, ILogger logger) =>
        _all = [.. new[] { ScaledObjects, HorizontalPodAutoscalers }.Select(versions => (versions[0].Kind, new AutoscalerWatch(client, versions, scope, targetChanged, turned, time, logger)))];

    /// <summary>Completes when it is known for the first time who there is, or that it cannot be known.</summary>
    public Task Looked => Task.WhenAll(_all.Select(static each => each.Watch.Looked));

    /// <summary>Why it is not known who there is; null: it is known.</summary>
    public string? Unknown => _all.Select(static each => each.Watch.Unknown).FirstOrDefault(static reason => reason is not null);

    /// <summary>Follows them until cancelled. Run it once, and await it.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_all.Select(each => each.Watch.RunAsync(cancellationToken)));

    /// <summary>Who writes the replicas of a Deployment, for people; null: nobody that is known.</summary>
    public string? Of(ObjectKey deployment)
    {
        foreach (var (kind, watch) in _all)
        {
            foreach (var key in watch.Of(deployment))
            {
                return $"{kind} {key}";
            }
        }

        return null;
    }
}
