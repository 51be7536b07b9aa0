using System.Globalization;
using System.Text.Json;
using InferenceRuntime.Contract;

namespace InferenceOperator.Local.Endpoint;

/// <summary>The endpoint's own refusals, in the protocol's form <c>{"error": "…"}</c>.</summary>
internal static class ErrorReplies
{
    /// <summary>Writes a refusal.</summary>
    public static async Task WriteAsync(HttpResponse response, int status, string error, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new ErrorReply(error), ContractJson.Default.ErrorReply);
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a refusal that says when to come again.</summary>
    public static Task WriteAsync(HttpResponse response, int status, string error, TimeSpan retryAfter, CancellationToken cancellationToken)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(retryAfter.TotalSeconds));
        response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return WriteAsync(response, status, error, cancellationToken);
    }
}
