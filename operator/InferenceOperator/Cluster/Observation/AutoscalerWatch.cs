using System.Collections.Immutable;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Caching;
using InferenceOperator.Kubernetes.Errors;

namespace InferenceOperator.Cluster.Observation;

/// <summary>The autoscalers of one kind: followed where the API server serves the type and the account may read it, and looked for again where not.</summary>
/// <remarks>Nothing of it can hold the operator up: what cannot be read is said once. Reading is safe for several threads.</remarks>
/// <param name="client">The API server.</param>
/// <param name="versions">The kind in its versions, the one to be preferred first.</param>
/// <param name="scope">The namespaces.</param>
/// <param name="targetChanged">Hears of Deployments that an autoscaler began or ceased to scale. Called on a watch's turn; must return at once.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears of what cannot be read.</param>
internal sealed class AutoscalerWatch(KubernetesClient client, ImmutableArray<ResourceType> versions, ClusterScope scope, Action<ObjectKey> targetChanged, TimeProvider time, ILogger logger)
{
    /// <summary>How long a type that is not served, or may not be read, is believed to stay so.</summary>
    public static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(1);

    /// <summary>After so long a silence of a watch it is asked anew whether the type is still served.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromMinutes(5);

    private readonly TaskCompletionSource _looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Following _following = new([], null);

    /// <summary>Completes when it is known for the first time what there is, or that it cannot be known.</summary>
    public Task Looked => _looked.Task;

    /// <summary>Why it is not known what there is; null: it is known.</summary>
    public string? Unknown => _following.Refusal;

    /// <summary>The autoscalers that scale a Deployment, by name.</summary>
    public IEnumerable<ObjectKey> Of(ObjectKey deployment) => _following.Informers
        .SelectMany(static informer => informer.Snapshot())
        .Where(found => found.Key.Namespace == deployment.Namespace && found.Value.Spec.ScaleTargetRef?.Deployment == deployment.Name)
        .Select(static found => found.Key)
        .OrderBy(static key => key.Name, StringComparer.Ordinal);

    /// <summary>Looks and follows until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (await FindReadableAsync(cancellationToken).ConfigureAwait(false) is { } resource)
                {
                    await FollowAsync(resource, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    _following = new([], null);
                }
            }
            catch (ApiException e) when (e.Reason is ApiErrorReason.NotFound)
            {
                _following = new([], null);
            }
            catch (ApiException e)
            {
                // What was known stays known while the API server is away; a right that was taken back ends it.
                if (e.Reason is ApiErrorReason.Forbidden || _following.Informers.IsEmpty)
                {
                    Refuse(e.Message);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }

            _looked.TrySetResult();
            await Task.Delay(LookAgainAfter, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _looked.TrySetResult();
    }

    /// <summary>Null: the API server has no such kind.</summary>
    /// <exception cref="ApiException">It may not be read, or the API server does not say.</exception>
    private async Task<Resource<AutoscalerState>?> FindReadableAsync(CancellationToken cancellationToken)
    {
        if (await client.Discovery.FirstServedAsync(versions, cancellationToken).ConfigureAwait(false) is not { } type)
        {
            return null;
        }

        var resource = new Resource<AutoscalerState>(type, ClusterJson.Default.AutoscalerState);

        foreach (var ns in scope.Watched)
        {
            await client.ListAsync(resource, ResourceScope.In(ns), cancellationToken).ConfigureAwait(false);
        }

        return resource;
    }

    // Ends when nothing is heard any more, which is so when the type's definition was deleted, and its objects with it.
    private async Task FollowAsync(Resource<AutoscalerState> resource, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var following = new Following([.. scope.Watched.Select(ns => new Informer<AutoscalerState>(
            client, resource, new InformerOptions<AutoscalerState> { Scope = ResourceScope.In(ns) }, Tell, logger))], null);
        var running = Task.WhenAll(following.Informers.Select(informer => informer.RunAsync(stop.Token)));
        try
        {
            await Task.WhenAll(following.Informers.Select(static informer => informer.Synced)).WaitAsync(cancellationToken).ConfigureAwait(false);
            _following = following;
            _looked.TrySetResult();
            do
            {
                await Task.Delay(LookAgainAfter, time, cancellationToken).ConfigureAwait(false);
            }
            while (following.Informers.All(static informer => informer.Silence < SilenceMax));
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await running.ConfigureAwait(false);
        }
    }

    private void Refuse(string reason)
    {
        if (_following.Refusal is null)
        {
            logger.AutoscalersUnknown(versions[0], reason);
        }

        _following = new([], reason);
    }

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
            targetChanged(new(change.Key.Namespace, name));
        }
    }

    private sealed record Following(ImmutableArray<Informer<AutoscalerState>> Informers, string? Refusal);
}
