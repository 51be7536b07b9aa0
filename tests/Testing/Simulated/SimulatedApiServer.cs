using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace InferenceOperator.Testing.Simulated;

/// <summary>The simulated API server as its clients meet it: paths, verbs, pages, watches, errors as Status objects.</summary>
/// <param name="api">The objects.</param>
/// <param name="time">The clock.</param>
public sealed class SimulatedApiServer(SimulatedApi api, TimeProvider time) : HttpMessageHandler
{
    private readonly ConcurrentDictionary<string, (long Version, IReadOnlyList<StoredObject> Left)> _pages = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<WatchStream, bool> _watches = new();
    private long _tokens;

    /// <summary>How the next watch behaves.</summary>
    public Func<WatchHabits> Habits { get; set; } = static () => WatchHabits.Good;

    /// <summary>Whether a watch from a forgotten moment is refused within the stream, as by a server that has begun to answer; else by its code.</summary>
    public bool ExpiresInStream { get; set; } = true;

    /// <summary>Breaks all watches that are open.</summary>
    public void BreakWatches()
    {
        foreach (var watch in _watches.Keys)
        {
            watch.Break();
        }

        _watches.Clear();
    }

    /// <summary>Answers a request of a connection.</summary>
    public async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = request.Content is { } content ? await content.ReadAsStringAsync(cancellationToken) : "";
        try
        {
            return Answer(request.Method, request.RequestUri!, request.Content?.Headers.ContentType?.MediaType ?? "", body);
        }
        catch (ApiRefusedException refusal)
        {
            return Json(refusal.Code, refusal.ToStatus().ToJsonString());
        }
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => AnswerAsync(request, cancellationToken);

    private HttpResponseMessage Answer(HttpMethod method, Uri uri, string contentType, string body)
    {
        var path = uri.AbsolutePath.Trim('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        if (path is ["version"])
        {
            return Json(HttpStatusCode.OK, """{"major":"1","minor":"34","gitVersion":"v1.34.0-simulated"}""");
        }

        var (group, version, rest) = path switch
        {
            ["api", var v, .. var r] => ("", v, r),
            ["apis", var g, var v, .. var r] => (g, v, r),
            _ => throw Unknown(uri),
        };
        if (rest is [])
        {
            return Discover(group, version, uri);
        }

        var ns = "";
        if (rest is ["namespaces", var named, _, ..])
        {
            (ns, rest) = (named, rest[2..]);
        }

        var type = api.Types.FirstOrDefault(t => t.Group == group && t.Version == version && t.Plural == rest[0]) ?? throw Unknown(uri);
        var query = uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(static pair => pair.Split('=', 2)).ToDictionary(static pair => pair[0], static pair => Uri.UnescapeDataString(pair[1]), StringComparer.Ordinal);
        return (method.Method, rest) switch
        {
            ("GET", [_]) when query.ContainsKey("watch") => Watch(type, ns, query),
            ("GET", [_]) => List(type, ns, query),
            ("POST", [_]) => Object(api.Create(type, Manifest(body, type, ns), query.GetValueOrDefault("fieldManager", "unknown")), HttpStatusCode.Created),
            ("GET", [_, var name]) => Object(api.Find(new(type, ns, name)) ?? throw ApiRefusedException.NotFound(new(type, ns, name))),
            ("PATCH", [_, var name]) => Patch(new(type, ns, name), query, contentType, body, status: false),
            ("PATCH", [_, var name, "status"]) when type.HasStatus => Patch(new(type, ns, name), query, contentType, body, status: true),
            ("DELETE", [_, var name]) => Delete(new(type, ns, name), body),
            _ => throw Unknown(uri),
        };
    }

    private HttpResponseMessage Discover(string group, string version, Uri uri)
    {
        var served = api.Types.Where(type => type.Group == group && type.Version == version).ToList();
        if (served.Count == 0)
        {
            throw Unknown(uri);
        }

        var resources = new JsonArray([.. served.Select(static type => new JsonObject { ["name"] = type.Plural, ["kind"] = type.Kind, ["namespaced"] = type.Namespaced, ["verbs"] = new JsonArray("list") })]);
        return Json(HttpStatusCode.OK, new JsonObject { ["kind"] = "APIResourceList", ["groupVersion"] = served[0].ApiVersion, ["resources"] = resources }.ToJsonString());
    }

    private HttpResponseMessage List(ApiType type, string ns, Dictionary<string, string> query)
    {
        var limit = int.Parse(query.GetValueOrDefault("limit", "0"), CultureInfo.InvariantCulture);
        long version;
        IReadOnlyList<StoredObject> items;
        if (query.GetValueOrDefault("continue") is { Length: > 0 } token)
        {
            (version, items) = _pages.TryRemove(token, out var page) && api.Remembers(page.Version)
                ? page
                : throw ApiRefusedException.Expired("The provided continue parameter is too old to display a consistent list result.");
        }
        else
        {
            (version, items) = api.List(type, new Selection(ns, query.GetValueOrDefault("labelSelector", ""), query.GetValueOrDefault("fieldSelector", "")));
        }

        var next = "";
        if (limit > 0 && items.Count > limit)
        {
            next = $"page-{Interlocked.Increment(ref _tokens)}";
            _pages[next] = (version, [.. items.Skip(limit)]);
            items = [.. items.Take(limit)];
        }

        // The items of a list do not say what they are.
        var bare = items.Select(static item =>
        {
            var value = (JsonObject)item.Value.DeepClone();
            value.Remove("apiVersion");
            value.Remove("kind");
            return value.ToJsonString();
        });
        return Json(HttpStatusCode.OK, $$"""{"apiVersion":"{{type.ApiVersion}}","kind":"{{type.Kind}}List","metadata":{"resourceVersion":"{{version}}","continue":"{{next}}"},"items":[{{string.Join(',', bare)}}]}""");
    }

    private HttpResponseMessage Watch(ApiType type, string ns, Dictionary<string, string> query)
    {
        var after = long.Parse(query["resourceVersion"], CultureInfo.InvariantCulture);
        if (!api.Remembers(after))
        {
            var expired = ApiRefusedException.Expired($"too old resource version: {after} ({api.Version})");
            return ExpiresInStream ? Json(HttpStatusCode.OK, $$"""{"type":"ERROR","object":{{expired.ToStatus().ToJsonString()}}}""" + "\n") : throw expired;
        }

        var lasting = TimeSpan.FromSeconds(int.Parse(query.GetValueOrDefault("timeoutSeconds", "1800"), CultureInfo.InvariantCulture));
        var habits = Habits();
        var selection = new Selection(ns, query.GetValueOrDefault("labelSelector", ""), query.GetValueOrDefault("fieldSelector", ""));
        var stream = new WatchStream(api, type, selection, after, lasting, query.ContainsKey("allowWatchBookmarks") ? habits : habits with { BookmarksEvery = null }, time);
        _watches[stream] = true;
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(stream) };
    }

    private HttpResponseMessage Patch(ApiKey key, Dictionary<string, string> query, string contentType, string body, bool status)
    {
        var manager = query.GetValueOrDefault("fieldManager", "unknown");
        return Object(contentType switch
        {
            "application/apply-patch+yaml" => api.Apply(key.Type, Manifest(body, key.Type, key.Namespace), manager, query.GetValueOrDefault("force") == "true", status),
            "application/merge-patch+json" => api.Patch(key, JsonNode.Parse(body)!.AsObject(), manager, status),
            _ => throw new ApiRefusedException(HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType", contentType),
        });
    }

    private HttpResponseMessage Delete(ApiKey key, string body)
    {
        var options = body.Length > 0 ? JsonNode.Parse(body) as JsonObject : null;
        var preconditions = options?["preconditions"];
        api.Delete(key, "client", (string?)options?["propagationPolicy"] ?? "Background", (string?)preconditions?["uid"], (string?)preconditions?["resourceVersion"]);
        return Json(HttpStatusCode.OK, """{"kind":"Status","apiVersion":"v1","status":"Success"}""");
    }

    private static JsonObject Manifest(string body, ApiType type, string ns)
    {
        var manifest = JsonNode.Parse(body) as JsonObject ?? throw new ApiRefusedException(HttpStatusCode.BadRequest, "BadRequest", "not an object");
        return type.Namespaced && (string?)manifest["metadata"]?["namespace"] != ns
            ? throw new ApiRefusedException(HttpStatusCode.BadRequest, "BadRequest", "the namespace of the provided object does not match the namespace sent on the request")
            : manifest;
    }

    private static ApiRefusedException Unknown(Uri uri) => new(HttpStatusCode.NotFound, "NotFound", $"the server could not find the requested resource {uri.AbsolutePath}");

    private static HttpResponseMessage Object(StoredObject found, HttpStatusCode code = HttpStatusCode.OK) => Content(code, new ReadOnlyMemoryContent(found.Json));

    private static HttpResponseMessage Json(HttpStatusCode code, string text) => Content(code, new ReadOnlyMemoryContent(Encoding.UTF8.GetBytes(text)));

    private static HttpResponseMessage Content(HttpStatusCode code, HttpContent content)
    {
        content.Headers.ContentType = new("application/json");
        return new HttpResponseMessage(code) { Content = content };
    }
}
