using System.Collections.Frozen;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Transport.Access;

/// <summary>Which web pages' scripts may read replies: the server's side of cross-origin resource sharing (the Fetch standard). Immutable.</summary>
/// <param name="origins">Origins such as <c>https://app.example</c>; <c>*</c> for every one.</param>
internal sealed class CrossOrigin(IEnumerable<string> origins)
{
    private const string Methods = "GET, POST";
    private const string RequestHeaders = "Authorization, Content-Encoding, Content-Type, Inference-Header-Content-Length";
    private const string ReplyHeaders = "Inference-Header-Content-Length, Retry-After";

    /// <summary>How long a browser may keep the answer to a preflight, seconds.</summary>
    private const string MaxAge = "600";

    private readonly FrozenSet<string> _origins = origins.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>True when the text is an origin: scheme, host and port, nothing after them, as browsers send it.</summary>
    public static bool IsOrigin(string text) =>
        text == "*" || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == text);

    /// <summary>Allows the reply to be read where its request comes from an allowed origin; the rest of the exchange is the same either way.</summary>
    public void Mark(IFeatureCollection features)
    {
        var origin = features.GetRequiredFeature<IHttpRequestFeature>().Headers.Origin;
        if (origin.Count == 0)
        {
            return;
        }

        var headers = features.GetRequiredFeature<IHttpResponseFeature>().Headers;
        var any = _origins.Contains("*");
        if (!any)
        {
            headers.Append("Vary", "Origin");
        }

        if (origin.Count == 1 && (any || _origins.Contains(origin.ToString())))
        {
            headers.AccessControlAllowOrigin = any ? "*" : origin;
            headers.AccessControlExposeHeaders = ReplyHeaders;
        }
    }

    /// <summary>True for the question that a browser asks before the request itself.</summary>
    public static bool IsPreflight(IHttpRequestFeature request) =>
        HttpMethods.IsOptions(request.Method) && request.Headers.Origin.Count > 0 && request.Headers.AccessControlRequestMethod.Count > 0;

    /// <summary>Answers a preflight: what an allowed origin's scripts may send. Other origins get the same without the permission.</summary>
    public static Task AnswerPreflightAsync(IFeatureCollection features)
    {
        var response = features.GetRequiredFeature<IHttpResponseFeature>();
        response.StatusCode = StatusCodes.Status204NoContent;
        if (response.Headers.AccessControlAllowOrigin.Count > 0)
        {
            response.Headers.AccessControlAllowMethods = Methods;
            response.Headers.AccessControlAllowHeaders = RequestHeaders;
            response.Headers.AccessControlMaxAge = MaxAge;
        }

        return Task.CompletedTask;
    }
}
