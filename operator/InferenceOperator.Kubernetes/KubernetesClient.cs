using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Discovery;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Kubernetes.Models;
using InferenceOperator.Kubernetes.Transport;
using Microsoft.Extensions.Logging;

namespace InferenceOperator.Kubernetes;

/// <summary>Reads and writes objects of one API server. Safe for use by several threads; one per program is enough.</summary>
/// <remarks>
/// Inside: retries with growing pauses (of everything that may be sent twice, and of whatever was refused with 429), Retry-After,
/// a rate limit, time limits, renewal of tokens. What is left is thrown as <see cref="ApiException"/>; an object that is not
/// there and an apply that conflicts are answers, not exceptions.
/// </remarks>
public sealed partial class KubernetesClient : IDisposable
{
    private readonly ApiTransport _transport;
    private readonly KubernetesClientOptions _options;

    /// <param name="handler">Carries the requests, and is disposed with the client; null for connections as <paramref name="config"/> says.</param>
    public KubernetesClient(
        KubernetesConfig config, KubernetesClientOptions options, HttpMessageHandler? handler, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Config = config;
        Time = time;
        _options = options;
        _transport = new ApiTransport(config, options, handler, time, loggers.CreateLogger<KubernetesClient>());
        Discovery = new ResourceDiscovery(_transport, time);
    }

    public KubernetesConfig Config { get; }

    /// <summary>Which resource types this API server serves.</summary>
    public ResourceDiscovery Discovery { get; }

    /// <summary>How long requests have been held back by the client's own rate limit, all together.</summary>
    public TimeSpan ThrottledTime => _transport.ThrottledTime;

    internal TimeProvider Time { get; }

    /// <summary>A client with connections of its own and the clock of this machine.</summary>
    public static KubernetesClient Connect(KubernetesConfig config, KubernetesClientOptions options, ILoggerFactory loggers) =>
        new(config, options, handler: null, TimeProvider.System, loggers);

    public async Task<ServerVersion> GetVersionAsync(CancellationToken cancellationToken)
    {
        var request = new ApiRequest(HttpMethod.Get, "version", "get the server's version");
        var report = await _transport.SendAsync(request, KubernetesJson.Default.VersionReport, cancellationToken).ConfigureAwait(false);
        return new ServerVersion(Number(report.Major), Number(report.Minor), report.GitVersion ?? "");

        static int Number(string? text) => int.TryParse((text ?? "").TrimEnd('+'), out var number) ? number : 0;
    }

    /// <summary>The object, or null when there is none.</summary>
    public async Task<ApiObject<T>?> GetAsync<T>(Resource<T> resource, ObjectKey key, CancellationToken cancellationToken)
    {
        var request = new ApiRequest(HttpMethod.Get, resource.Type.ObjectPath(key), $"get {resource.Type} {key}");
        try
        {
            return await SendAsync(resource, request, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason is ApiErrorReason.NotFound)
        {
            return null;
        }
    }

    /// <summary>Creates the object. Never sent twice unless it was refused unseen, so that a name is not met by its own first try.</summary>
    /// <exception cref="ApiException">Also when the object is there already (<see cref="ApiErrorReason.AlreadyExists"/>).</exception>
    public Task<ApiObject<T>> CreateAsync<T>(Resource<T> resource, T manifest, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToElement(manifest, resource.Json);
        var key = ObjectReader.KeyOf(body, resource.Type);
        var request = new ApiRequest(HttpMethod.Post, resource.Type.CollectionPath(key.Namespace), $"create {resource.Type} {key}")
        {
            Body = Bytes(body),
            Repeatable = false,
        };
        return SendAsync(resource, request, cancellationToken);
    }

    /// <summary>Server-side apply: makes the fields in <paramref name="manifest"/> so, creates the object if need be, and drops what this manager applied before and no longer does.</summary>
    public Task<ApplyOutcome<T>> ApplyAsync<T>(Resource<T> resource, T manifest, ApplyOptions options, CancellationToken cancellationToken) =>
        ApplyAsync(resource, manifest, "", options, cancellationToken);

    /// <summary>Server-side apply to the status subresource. The object must exist.</summary>
    public Task<ApplyOutcome<T>> ApplyStatusAsync<T>(
        Resource<T> resource, T manifest, ApplyOptions options, CancellationToken cancellationToken) =>
        ApplyAsync(resource, manifest, "status", options, cancellationToken);

    /// <summary>
    /// JSON merge patch (RFC 7386): fields set to null are removed, lists are replaced whole. With <c>metadata.resourceVersion</c>
    /// in it, it only holds for that state of the object.
    /// </summary>
    public Task<ApiObject<T>> PatchAsync<T>(
        Resource<T> resource, ObjectKey key, JsonObject patch, string fieldManager, CancellationToken cancellationToken) =>
        PatchAsync(resource, key, "", patch, fieldManager, cancellationToken);

    /// <summary>JSON merge patch of the status subresource.</summary>
    public Task<ApiObject<T>> PatchStatusAsync<T>(
        Resource<T> resource, ObjectKey key, JsonObject patch, string fieldManager, CancellationToken cancellationToken) =>
        PatchAsync(resource, key, "status", patch, fieldManager, cancellationToken);

    /// <summary>Asks for the object's deletion; false when it was not there. It may still be there afterwards, for its finalizers.</summary>
    /// <exception cref="ApiException">Also when a precondition does not hold (<see cref="ApiErrorReason.Conflict"/>).</exception>
    public async Task<bool> DeleteAsync(ResourceType type, ObjectKey key, DeleteOptions options, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["propagationPolicy"] = options.Propagation.ToString(),
        };
        var preconditions = new JsonObject();
        if (options.Uid.Length > 0)
        {
            preconditions["uid"] = options.Uid;
        }

        if (options.ResourceVersion.Length > 0)
        {
            preconditions["resourceVersion"] = options.ResourceVersion;
        }

        if (preconditions.Count > 0)
        {
            body["preconditions"] = preconditions;
        }

        var request = new ApiRequest(HttpMethod.Delete, type.ObjectPath(key), $"delete {type} {key}")
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(body, KubernetesJson.Default.JsonObject),
        };
        try
        {
            await _transport.SendAsync(request, KubernetesJson.Default.JsonElement, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ApiException error) when (error.Reason is ApiErrorReason.NotFound)
        {
            return false;
        }
    }

    public void Dispose() => _transport.Dispose();

    internal double NextJitter() => _transport.NextJitter();

    private async Task<ApplyOutcome<T>> ApplyAsync<T>(
        Resource<T> resource, T manifest, string subresource, ApplyOptions options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.FieldManager);
        var body = JsonSerializer.SerializeToElement(manifest, resource.Json);
        var key = ObjectReader.KeyOf(body, resource.Type);
        var force = options.Force ? "true" : "false";
        var path = $"{resource.Type.ObjectPath(key, subresource)}?fieldManager={Uri.EscapeDataString(options.FieldManager)}&force={force}";
        var request = new ApiRequest(HttpMethod.Patch, path, $"apply {Named(resource.Type, subresource)} {key}")
        {
            Body = Bytes(body),
            ContentType = "application/apply-patch+yaml", // JSON is YAML.
        };
        try
        {
            return new ApplyOutcome<T>.Applied(await SendAsync(resource, request, cancellationToken).ConfigureAwait(false));
        }
        catch (ApiException error) when (error.Reason is ApiErrorReason.Conflict && ApiErrors.ConflictsOf(error) is { Length: > 0 } conflicts)
        {
            return new ApplyOutcome<T>.Conflicted(conflicts, error.Message);
        }
    }

    private Task<ApiObject<T>> PatchAsync<T>(
        Resource<T> resource, ObjectKey key, string subresource, JsonObject patch, string fieldManager, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(fieldManager);
        var path = $"{resource.Type.ObjectPath(key, subresource)}?fieldManager={Uri.EscapeDataString(fieldManager)}";
        var request = new ApiRequest(HttpMethod.Patch, path, $"patch {Named(resource.Type, subresource)} {key}")
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(patch, KubernetesJson.Default.JsonObject),
            ContentType = "application/merge-patch+json",
        };
        return SendAsync(resource, request, cancellationToken);
    }

    private async Task<ApiObject<T>> SendAsync<T>(Resource<T> resource, ApiRequest request, CancellationToken cancellationToken)
    {
        var answer = await _transport.SendAsync(request, KubernetesJson.Default.JsonElement, cancellationToken).ConfigureAwait(false);
        try
        {
            return ObjectReader.Read(answer, resource);
        }
        catch (JsonException error)
        {
            throw new ApiException(request.What, ApiErrorReason.Malformed, error.Message, error);
        }
    }

    private static string Named(ResourceType type, string subresource) => subresource.Length == 0 ? type.ToString() : $"{type}/{subresource}";

    private static byte[] Bytes(JsonElement body) => JsonSerializer.SerializeToUtf8Bytes(body, KubernetesJson.Default.JsonElement);
}
