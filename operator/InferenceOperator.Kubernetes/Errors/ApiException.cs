using InferenceOperator.Kubernetes.Models;

namespace InferenceOperator.Kubernetes.Errors;

/// <summary>The API server refused, failed, or could not be reached. Thrown after the retries that make sense are used up.</summary>
public sealed class ApiException : Exception
{
    public ApiException(string request, ApiErrorReason reason, string message, Exception? inner)
        : base($"{request}: {message}", inner)
    {
        Reason = reason;
        Status = new Status { Message = message };
    }

    public ApiException(string request, ApiErrorReason reason, int code, Status status)
        : base($"{request}: {status?.Message ?? "no message"} ({code} {reason})")
    {
        Reason = reason;
        Code = code;
        Status = status ?? new Status();
    }

    public ApiErrorReason Reason { get; }

    /// <summary>The HTTP status code; 0 when there was no answer.</summary>
    public int Code { get; }

    /// <summary>What the API server said; only a message when there was no answer.</summary>
    public Status Status { get; }

    /// <summary>How long the API server asked to wait; null when it did not.</summary>
    public TimeSpan? RetryAfter => Status.Details?.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
