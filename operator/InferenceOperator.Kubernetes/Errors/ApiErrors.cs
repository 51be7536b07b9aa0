using System.Collections.Immutable;
using System.Text.Json;
using InferenceOperator.Kubernetes.Models;

namespace InferenceOperator.Kubernetes.Errors;

/// <summary>Reads the errors of the API server.</summary>
internal static class ApiErrors
{
    private const int BodyCharactersMax = 500;

    /// <summary>Reads a Status, or makes one of whatever a proxy in between answered.</summary>
    public static ApiException Read(string request, int code, ReadOnlySpan<byte> body)
    {
        Status? status = null;
        try
        {
            status = JsonSerializer.Deserialize(body, KubernetesJson.Default.Status);
        }
        catch (JsonException)
        {
            // Not from the API server: the text itself is the best there is.
        }

        if (status?.Message is null)
        {
            var text = System.Text.Encoding.UTF8.GetString(body).Trim();
            text = text.Length > BodyCharactersMax ? text[..BodyCharactersMax] : text;
            status = (status ?? new Status()) with { Message = text.Length == 0 ? "empty answer" : text };
        }

        return From(request, code, status);
    }

    public static ApiException From(string request, int code, Status status) =>
        new(request, ReasonOf(code, status.Reason), code, status);

    /// <summary>The managers that stand in the way of an apply; empty when the error is of another sort.</summary>
    public static ImmutableArray<FieldConflict> ConflictsOf(ApiException error) =>
    [
        .. (error.Status.Details?.Causes ?? [])
            .Where(static cause => cause.Reason == "FieldManagerConflict")
            .Select(static cause => new FieldConflict(Quoted(cause.Message ?? ""), cause.Field ?? "")),
    ];

    private static ApiErrorReason ReasonOf(int code, string? reason) => reason switch
    {
        "Gone" => ApiErrorReason.Expired,
        not null when Enum.TryParse<ApiErrorReason>(reason, out var known) && known.ToString() == reason => known,
        _ => code switch
        {
            400 => ApiErrorReason.BadRequest,
            401 => ApiErrorReason.Unauthorized,
            403 => ApiErrorReason.Forbidden,
            404 => ApiErrorReason.NotFound,
            405 => ApiErrorReason.MethodNotAllowed,
            409 => ApiErrorReason.Conflict,
            410 => ApiErrorReason.Expired,
            413 => ApiErrorReason.RequestEntityTooLarge,
            415 => ApiErrorReason.UnsupportedMediaType,
            422 => ApiErrorReason.Invalid,
            429 => ApiErrorReason.TooManyRequests,
            500 => ApiErrorReason.InternalError,
            502 or 503 => ApiErrorReason.ServiceUnavailable,
            504 => ApiErrorReason.Timeout,
            _ => ApiErrorReason.Unknown,
        },
    };

    /// <summary>The manager in <c>conflict with "kubectl" using apps/v1</c>.</summary>
    private static string Quoted(string message)
    {
        var start = message.IndexOf('"', StringComparison.Ordinal) + 1;
        var end = start > 0 ? message.IndexOf('"', start) : -1;
        return end > start ? message[start..end] : "";
    }
}
