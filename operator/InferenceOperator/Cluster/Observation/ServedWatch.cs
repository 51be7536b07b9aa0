using System.Collections.Immutable;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Caching;
using InferenceOperator.Kubernetes.Errors;

namespace InferenceOperator.Cluster.Observation;

/// <summary>The objects of a kind that an API server may lack: followed where it serves the type and the account may read it, and looked for again where not.</summary>
/// <remarks>Nothing of it can hold the operator up: what cannot be read is said once. Reading is safe for several threads.</remarks>
/// <param name="client">The API server.</param>
/// <param name="versions">The kind in its versions, the one to be preferred first.</param>
/// <param name="resource">How a version is read.</param>
/// <param name="options">What is kept, of which objects; one for each namespace.</param>
/// <param name="changed">Hears of changes on a watch's turn; must return at once.</param>
/// <param name="refused">Hears once of a kind that is not known, and why.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears of watches that fail.</param>
internal sealed class ServedWatch<T>(
    KubernetesClient client,
    ImmutableArray<ResourceType> versions,
    Func<ResourceType, Resource<T>> resource,
    ImmutableArray<InformerOptions<T>> options,
    Action<ObjectChange<T>> changed,
    Action<ResourceType, string> refused,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>How long a type that is not served, or may not be read, is believed to stay so.</summary>
    public static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(1);

    /// <summary>After so long a silence of a watch it is asked anew whether the type is still served.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromMinutes(5);

    private readonly TaskCompletionSource _looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Following _following = Following.Nothing;

    /// <summary>Completes when it is known for the first time what there is, or that it cannot be known.</summary>
    public Task Looked => _looked.Task;

    /// <summary>The version that is followed; null: none.</summary>
    public ResourceType? Type => Current.Type;

    /// <summary>Why it is not known what there is; null: it is known.</summary>
    public string? Unknown => Current.Refusal;

    /// <summary>Called when <see cref="Snapshot"/> has become what there is; changes before that were told while it was not.</summary>
    public Action? Published { get; init; }

    /// <summary>Called when <see cref="Type"/> or <see cref="Unknown"/> has become another.</summary>
    public Action? Turned { get; init; }

    /// <summary>All objects as last seen, in no order.</summary>
    public IEnumerable<ApiObject<T>> Snapshot() => Current.Informers.SelectMany(static informer => informer.Snapshot());

    /// <summary>The object as last seen; null when there is none.</summary>
    public ApiObject<T>? Find(ObjectKey key) => Current.Informers.Select(i => i.Find(key)).FirstOrDefault(static found => found is not null);

    /// <summary>Looks and follows until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (await FindReadableAsync(cancellationToken).ConfigureAwait(false) is { } readable)
                {
                    await FollowAsync(readable, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    Current = Following.Nothing;
                }
            }
            catch (ApiException e) when (e.Reason is ApiErrorReason.NotFound)
            {
                Current = Following.Nothing;
            }
            catch (ApiException e)
            {
                // What was known stays known while the API server is away; a right that was taken back ends it.
                if (e.Reason is ApiErrorReason.Forbidden || Current.Informers.IsEmpty)
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
    private async Task<Resource<T>?> FindReadableAsync(CancellationToken cancellationToken)
    {
        if (await client.Discovery.FirstServedAsync(versions, cancellationToken).ConfigureAwait(false) is not { } type)
        {
            return null;
        }

        var readable = resource(type);
        foreach (var scope in options.Select(static each => each.Scope))
        {
            await client.ListAsync(readable, scope, cancellationToken).ConfigureAwait(false);
        }

        return readable;
    }

    // Ends when nothing is heard any more, which is so when the type's definition was deleted, and its objects with it.
    private async Task FollowAsync(Resource<T> readable, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var following = new Following(readable.Type, [.. options.Select(each => new Informer<T>(client, readable, each, changed, logger))], null);
        var running = Task.WhenAll(following.Informers.Select(informer => informer.RunAsync(stop.Token)));
        try
        {
            await Task.WhenAll(following.Informers.Select(static informer => informer.Synced)).WaitAsync(cancellationToken).ConfigureAwait(false);
            Current = following;
            Published?.Invoke();
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

    private Following Current
    {
        get => _following;
        set
        {
            var turned = (_following.Type, _following.Refusal) != (value.Type, value.Refusal);
            _following = value;
            if (turned)
            {
                Turned?.Invoke();
            }
        }
    }

    private void Refuse(string reason)
    {
        if (Current.Refusal is null)
        {
            refused(versions[0], reason);
        }

        Current = Following.Nothing with { Refusal = reason };
    }

    private sealed record Following(ResourceType? Type, ImmutableArray<Informer<T>> Informers, string? Refusal)
    {
        public static Following Nothing { get; } = new(null, [], null);
    }
}
