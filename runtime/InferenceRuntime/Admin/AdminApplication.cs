using System.Globalization;
using System.Text.Json;
using InferenceRuntime.Caching;
using InferenceRuntime.Contract;
using InferenceRuntime.Settings;
using InferenceRuntime.Shadowing;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Parsing;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Admin;

/// <summary>The admin port: <c>GET</c> and <c>PUT /v1/settings</c>, <c>GET /v1/state</c>, <c>GET /v1/cache</c>, <c>POST /v1/shadow</c>.</summary>
/// <remarks>
/// With a token file every request needs the token. Without one, settings and state can be read by all; nothing can be changed,
/// and the cache, which holds what clients sent, is not shown.
/// </remarks>
/// <param name="settings">The settings in force.</param>
/// <param name="state">Gives the replica's state now.</param>
/// <param name="token">The token; null when none was given.</param>
/// <param name="cache">Writes the cache; null where there is none to write.</param>
/// <param name="shadow">Compares answers; null where there are several models.</param>
/// <param name="logger">Where an unreadable token file is reported.</param>
internal sealed partial class AdminApplication(
    SettingsInForce settings, Func<ReplicaState> state, AdminToken? token, CacheExport? cache, ShadowEndpoint? shadow, ILogger<AdminApplication> logger)
    : IHttpApplication<IFeatureCollection>
{
    /// <summary>Most bytes of responses that are given at once.</summary>
    public const long CacheBytesMax = 1L << 30;

    private const string CachePath = "/v1/cache";
    private const string CacheQuery = "?maxBytes=";

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public async Task ProcessRequestAsync(IFeatureCollection context)
    {
        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        try
        {
            await (Refusal(request) is { } refusal ? RefuseAsync(context, refusal) : AnswerAsync(context, request)).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            HttpReply.CloseAfter(context);
            await HttpReply.RefuseAsync(context, new RequestFault(e.StatusCode, "the body is too long, too slow, or breaks HTTP/1.1")).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client went away.
        }
    }

    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
        // Nothing is held.
    }

    private static Task RefuseAsync(IFeatureCollection features, RequestFault fault)
    {
        if (fault.Status == StatusCodes.Status401Unauthorized)
        {
            features.GetRequiredFeature<IHttpResponseFeature>().Headers.WWWAuthenticate = "Bearer";
        }

        return HttpReply.RefuseAsync(features, fault);
    }

    private Task AnswerAsync(IFeatureCollection features, IHttpRequestFeature request) => (request.Path, request.Method) switch
    {
        ("/v1/settings", "GET") => SendSettingsAsync(features),
        ("/v1/settings", "PUT") => ChangeSettingsAsync(features),
        ("/v1/settings", _) => HttpReply.RefuseVerbAsync(features, "GET, PUT"),
        ("/v1/state", "GET") => HttpReply.SendAsync(
            features, StatusCodes.Status200OK, HttpReply.Json, JsonSerializer.SerializeToUtf8Bytes(state(), ContractJson.Default.ReplicaState)),
        ("/v1/state", _) => HttpReply.RefuseVerbAsync(features, "GET"),
        (CachePath, "GET") => SendCacheAsync(features, request.QueryString),
        (CachePath, _) => HttpReply.RefuseVerbAsync(features, "GET"),
        (ShadowSender.Path, "POST") when shadow is not null => shadow.RunAsync(features),
        (ShadowSender.Path, _) when shadow is not null => HttpReply.RefuseVerbAsync(features, "POST"),
        _ => HttpReply.RefuseAsync(features, new RequestFault(StatusCodes.Status404NotFound, "there is nothing at this path")),
    };

    private RequestFault? Refusal(IHttpRequestFeature request)
    {
        if (token is null)
        {
            return request.Method == "PUT" || request.Path is CachePath or ShadowSender.Path
                ? new RequestFault(StatusCodes.Status403Forbidden, "changes and the cache need a token; this replica was started without --admin-token-file")
                : null;
        }

        try
        {
            return token.Admits(request.Headers.Authorization.ToString())
                ? null
                : new RequestFault(StatusCodes.Status401Unauthorized, "Authorization: the bearer token is missing or wrong");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogTokenUnreadable(e.Message);
            return new RequestFault(StatusCodes.Status403Forbidden, "the replica cannot read its token file");
        }
    }

    private async Task ChangeSettingsAsync(IFeatureCollection features)
    {
        var body = features.GetRequiredFeature<IHttpRequestFeature>().Body;
        using var content = new MemoryStream();
        await body.CopyToAsync(content, features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted).ConfigureAwait(false);
        switch (SettingsDocument.Read(content.GetBuffer().AsSpan(0, (int)content.Length)))
        {
            case SettingsReading.Accepted accepted:
                await (settings.Apply(accepted.Settings, "the admin port") is { } objection
                    ? HttpReply.RefuseAsync(features, RequestFault.Invalid(objection))
                    : SendSettingsAsync(features)).ConfigureAwait(false);
                break;
            case SettingsReading.Rejected rejected:
                await HttpReply.RefuseAsync(features, RequestFault.Invalid(rejected.Reason)).ConfigureAwait(false);
                break;
        }
    }

    private async Task SendCacheAsync(IFeatureCollection features, string query)
    {
        var bytesMax = CacheBytesMax;
        if (query.Length > 0
            && !(query.StartsWith(CacheQuery, StringComparison.Ordinal)
                && long.TryParse(query.AsSpan(CacheQuery.Length), NumberStyles.None, CultureInfo.InvariantCulture, out bytesMax)))
        {
            await HttpReply.RefuseAsync(features, RequestFault.Invalid("maxBytes: not a whole number of bytes")).ConfigureAwait(false);
            return;
        }

        if (cache is null)
        {
            await HttpReply.RefuseAsync(features, new RequestFault(StatusCodes.Status404NotFound, "there is no cache")).ConfigureAwait(false);
            return;
        }

        features.GetRequiredFeature<IHttpResponseFeature>().Headers.ContentType = "application/octet-stream";
        var body = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var aborted = features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        await body.StartAsync(aborted).ConfigureAwait(false);
        await cache.WriteAsync(body.Writer, Math.Min(bytesMax, CacheBytesMax), aborted).ConfigureAwait(false);
    }

    private Task SendSettingsAsync(IFeatureCollection features) => HttpReply.SendAsync(
        features, StatusCodes.Status200OK, HttpReply.Json, JsonSerializer.SerializeToUtf8Bytes(settings.Current, ContractJson.Default.RuntimeSettings));

    [LoggerMessage(Level = LogLevel.Warning, Message = "The admin token file cannot be read: {Reason}")]
    private partial void LogTokenUnreadable(string reason);
}
