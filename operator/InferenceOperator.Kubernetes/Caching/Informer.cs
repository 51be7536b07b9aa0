using System.Collections.Immutable;
using System.Text.Json;
using InferenceOperator.Kubernetes.Errors;
using Microsoft.Extensions.Logging;

namespace InferenceOperator.Kubernetes.Caching;

/// <summary>
/// A copy of the objects of one type in memory, kept up to date: lists once, then watches, and reports each change once, in order.
/// </summary>
/// <remarks>
/// After a cut the watch goes on where it broke off. When the API server no longer remembers that moment (410) all is listed
/// again and compared, so that deletions in between are reported too; changes that undid each other in between are not.
/// An object that does not fit <typeparamref name="T"/> is logged and left as last understood; the others are not affected.
/// While the API server is away the copy stays as it was. Reading is safe for several threads.
/// </remarks>
public sealed class Informer<T>
{
    /// <summary>A watch that lasted so long worked, though nothing happened in it.</summary>
    private static readonly TimeSpan QuietWatchMin = TimeSpan.FromSeconds(30);

    /// <summary>Watches that begin and are soon cut, however many in a row, count as no more failures than this: pauses stay below a second or so.</summary>
    private const int CutsCounted = 3;

    private readonly KubernetesClient _client;
    private readonly Resource<T> _resource;
    private readonly InformerOptions<T> _options;
    private readonly Action<ObjectChange<T>> _onChange;
    private readonly ILogger _logger;
    private readonly ObjectStore<T> _store = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _resourceVersion = "";
    private long _heardAt;
    private int _failures;

    /// <param name="onChange">
    /// Called for each change, one after the other, after the copy has changed. Must return quickly and must not throw: put a key into a queue.
    /// </param>
    public Informer(
        KubernetesClient client, Resource<T> resource, InformerOptions<T> options, Action<ObjectChange<T>> onChange, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _resource = resource;
        _options = options;
        _onChange = onChange;
        _logger = logger;
        _heardAt = client.Time.GetTimestamp();
    }

    /// <summary>Whether the first list has been taken in; until then, absence means nothing.</summary>
    public bool HasSynced => _synced.Task.IsCompletedSuccessfully;

    /// <summary>Completes when the first list has been taken in.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Objects in the copy.</summary>
    public int Count => _store.Count;

    /// <summary>How long ago the API server last said anything (a list, an event, a bookmark about once a minute, or the end of a watch).</summary>
    public TimeSpan Silence => _client.Time.GetElapsedTime(Interlocked.Read(ref _heardAt));

    /// <summary>The object as last seen; null when there is none.</summary>
    public ApiObject<T>? Find(ObjectKey key) => _store.Find(key);

    /// <summary>All objects as last seen, in no order.</summary>
    public ImmutableArray<ApiObject<T>> Snapshot() => _store.Snapshot();

    /// <summary>Keeps the copy up to date until cancelled. Run it once, and await it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (_resourceVersion.Length == 0)
                {
                    await ListAsync(cancellationToken).ConfigureAwait(false);
                }

                await WatchAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (ApiException error) when (error.Reason is ApiErrorReason.Expired)
            {
                _logger.WatchExpired(_resource.Type, _resourceVersion);
                _resourceVersion = "";
            }
            catch (ApiException error)
            {
                _logger.WatchFailed(_resource.Type, Math.Max(_failures, 1), error.Message);
            }

            // The first break is mended at once: most are the API server's own time limit.
            if (_failures > 1)
            {
                var pause = _options.Backoff.After(_failures - 1, _client.NextJitter());
                await Task.Delay(pause, _client.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        _failures++;
        var unreadable = new List<ObjectKey>();
        var list = await _client.ListAsync(_resource, _options.Scope, item => Read(item, unreadable), cancellationToken).ConfigureAwait(false);
        _failures--;
        Heard();
        Report(_store.Replace(list.Items, unreadable));
        _resourceVersion = list.ResourceVersion;
        if (_synced.TrySetResult())
        {
            _logger.Synced(_resource.Type, list.Items.Length, list.ResourceVersion);
        }
    }

    /// <summary>Takes in events until the watch ends.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var start = _client.Time.GetTimestamp();
        // Until it has shown to work it counts as a failure, or a server that ends every watch at once would be asked without pause.
        _failures++;
        var watch = _client.WatchAsync(_resource, _options.Scope, _resourceVersion, item => Read(item, []), Opened, cancellationToken);
        await foreach (var news in watch.ConfigureAwait(false))
        {
            Heard();
            _failures = 0;
            _resourceVersion = news switch
            {
                WatchEvent<T>.Added added => Take(added.Object, gone: false),
                WatchEvent<T>.Modified modified => Take(modified.Object, gone: false),
                WatchEvent<T>.Deleted deleted => Take(deleted.Object, gone: true),
                WatchEvent<T>.Bookmark bookmark => bookmark.ResourceVersion,
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }

        Heard();
        if (_client.Time.GetElapsedTime(start) >= QuietWatchMin)
        {
            _failures = 0;
        }
    }

    /// <summary>The API server can be reached and answers: what fails from here on is the way to it.</summary>
    private void Opened() => _failures = Math.Min(_failures, CutsCounted);

    private string Take(ApiObject<T> seen, bool gone)
    {
        Report(gone ? _store.Remove(seen) : _store.Put(seen));
        return seen.ResourceVersion;
    }

    /// <summary>Reads what is kept of an object; null, and a row in <paramref name="unreadable"/>, when it is not to be understood.</summary>
    private ApiObject<T>? Read(JsonElement item, List<ObjectKey> unreadable)
    {
        try
        {
            var read = ObjectReader.Read(item, _resource);
            return read with { Value = _options.Keep(read.Value) };
        }
        catch (JsonException error)
        {
            var key = ObjectReader.KeyOf(item);
            unreadable.Add(key);
            _logger.ObjectUnreadable(_resource.Type, key, error.Message);
            return null;
        }
    }

    private void Report(ImmutableArray<ObjectChange<T>> changes)
    {
        foreach (var change in changes)
        {
            _onChange(change);
        }
    }

    private void Heard() => Interlocked.Exchange(ref _heardAt, _client.Time.GetTimestamp());
}
