using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Kubernetes.Models;
using InferenceOperator.Kubernetes.Transport;

namespace InferenceOperator.Kubernetes;

/// <content>Lists and watches.</content>
public sealed partial class KubernetesClient
{
    /// <summary>All objects in the scope, fetched page by page as of one moment.</summary>
    public Task<ResourceList<T>> ListAsync<T>(Resource<T> resource, ResourceScope scope, CancellationToken cancellationToken) =>
        ListAsync(resource, scope, item => ObjectReader.Read(item, resource), cancellationToken);

    /// <summary>Reports what happens in the scope after <paramref name="resourceVersion"/>, until the API server ends it (every few minutes) or the connection breaks.</summary>
    /// <param name="resourceVersion">From a list, an earlier event or a bookmark.</param>
    /// <exception cref="ApiException">With <see cref="ApiErrorReason.Expired"/> when that moment is too long ago: list again.</exception>
    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        Resource<T> resource, ResourceScope scope, string resourceVersion, CancellationToken cancellationToken) =>
        WatchAsync(resource, scope, resourceVersion, item => ObjectReader.Read(item, resource), static () => { }, cancellationToken);

    /// <param name="read">Reads an object; null leaves it out.</param>
    internal async Task<ResourceList<T>> ListAsync<T>(
        Resource<T> resource, ResourceScope scope, Func<JsonElement, ApiObject<T>?> read, CancellationToken cancellationToken)
    {
        try
        {
            return await ListAsync(resource, scope, _options.PageSize, read, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason is ApiErrorReason.Expired)
        {
            // The moment of the first page was compacted away before the last one: take all in one page.
            return await ListAsync(resource, scope, pageSize: 0, read, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <param name="read">Reads an object; for null the event is told as a bookmark.</param>
    /// <param name="opened">Called when the API server has agreed to the watch, before its first event.</param>
    internal async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        Resource<T> resource,
        ResourceScope scope,
        string resourceVersion,
        Func<JsonElement, ApiObject<T>?> read,
        Action opened,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var what = $"watch {resource.Type}{InNamespace(scope)}";
        // Spread, so that the watches of many clients do not all end at once.
        var lasting = TimeSpan.FromMinutes(5 + (5 * NextJitter()));
        var query = scope.StartQuery();
        ResourceScope.AppendTo(query, "watch", "true");
        ResourceScope.AppendTo(query, "allowWatchBookmarks", "true");
        ResourceScope.AppendTo(query, "resourceVersion", resourceVersion);
        ResourceScope.AppendTo(query, "timeoutSeconds", ((int)lasting.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        var request = new ApiRequest(HttpMethod.Get, resource.Type.CollectionPath(scope.Namespace) + query, what);

        using var response = await _transport.OpenAsync(request, cancellationToken).ConfigureAwait(false);
        opened();
        // The server ends the watch itself; if it is not heard of by then it is gone.
        using var limit = new CancellationTokenSource(lasting + _options.RequestTimeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var owned = stream.ConfigureAwait(false);
        var lines = JsonSerializer
            .DeserializeAsyncEnumerable(stream, KubernetesJson.Default.JsonElement, topLevelValues: true, either.Token)
            .GetAsyncEnumerator(either.Token);
        await using var ownedLines = lines.ConfigureAwait(false);
        while (await NextAsync(lines, what, cancellationToken).ConfigureAwait(false))
        {
            yield return ReadEvent(lines.Current, read, what);
        }
    }

    private async Task<ResourceList<T>> ListAsync<T>(
        Resource<T> resource, ResourceScope scope, int pageSize, Func<JsonElement, ApiObject<T>?> read, CancellationToken cancellationToken)
    {
        var what = $"list {resource.Type}{InNamespace(scope)}";
        var items = ImmutableArray.CreateBuilder<ApiObject<T>>();
        var next = "";
        do
        {
            var query = scope.StartQuery();
            ResourceScope.AppendTo(query, "limit", pageSize > 0 ? pageSize.ToString(CultureInfo.InvariantCulture) : "");
            ResourceScope.AppendTo(query, "continue", next);
            var request = new ApiRequest(HttpMethod.Get, resource.Type.CollectionPath(scope.Namespace) + query, what);
            var page = await _transport.SendAsync(request, KubernetesJson.Default.JsonElement, cancellationToken).ConfigureAwait(false);
            items.AddRange(ReadItems(page, read, what));
            next = ObjectReader.ContinueOf(page);
            if (next.Length == 0)
            {
                return new ResourceList<T>(items.ToImmutable(), ObjectReader.ResourceVersionOf(page));
            }
        }
        while (true);
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<JsonElement> lines, string what, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (
            error is IOException or HttpRequestException or JsonException
            || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // A stream that breaks within an event is a cut like any other: what came before it counts.
            throw new ApiException(what, ApiErrorReason.Unreachable, $"the stream was cut: {error.Message}", error);
        }
    }

    private static List<ApiObject<T>> ReadItems<T>(JsonElement page, Func<JsonElement, ApiObject<T>?> read, string what)
    {
        try
        {
            return page.TryGetProperty("items", out var items) && items.ValueKind is JsonValueKind.Array
                ? [.. items.EnumerateArray().Select(read).OfType<ApiObject<T>>()]
                : [];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ApiException(what, ApiErrorReason.Malformed, error.Message, error);
        }
    }

    private static WatchEvent<T> ReadEvent<T>(JsonElement line, Func<JsonElement, ApiObject<T>?> read, string what)
    {
        try
        {
            var type = line.GetProperty("type").GetString();
            var content = line.GetProperty("object");
            switch (type)
            {
                case "ADDED" or "MODIFIED" or "DELETED":
                    return (type, read(content)) switch
                    {
                        (_, null) => new WatchEvent<T>.Bookmark(ObjectReader.ResourceVersionOf(content)),
                        ("ADDED", { } found) => new WatchEvent<T>.Added(found),
                        ("MODIFIED", { } found) => new WatchEvent<T>.Modified(found),
                        (_, { } found) => new WatchEvent<T>.Deleted(found),
                    };
                case "BOOKMARK":
                    return new WatchEvent<T>.Bookmark(ObjectReader.ResourceVersionOf(content));
                case "ERROR":
                    throw ErrorIn(content, what);
                default:
                    throw new JsonException($"Unknown watch event \"{type}\".");
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ApiException(what, ApiErrorReason.Malformed, error.Message, error);
        }
    }

    private static ApiException ErrorIn(JsonElement content, string what)
    {
        var status = content.Deserialize(KubernetesJson.Default.Status) ?? new Status();
        return ApiErrors.From(what, status.Code ?? 500, status);
    }

    private static string InNamespace(ResourceScope scope) => scope.Namespace.Length == 0 ? "" : $" in {scope.Namespace}";
}
