using InferenceOperator.Kubernetes.Errors;

namespace InferenceOperator.Workloads;

/// <summary>A back end could not do what it was asked for. The message is one sentence for people; the work is tried again with backoff.</summary>
internal sealed class WorkloadException : Exception
{
    public WorkloadException(string message)
        : base(message)
    {
    }

    public WorkloadException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public WorkloadException()
    {
    }

    /// <summary>What the API server refused or did not answer.</summary>
    public WorkloadException(ApiException failure)
        : base(failure.Message, failure) =>
        IsRefusal = failure.Reason is ApiErrorReason.Forbidden or ApiErrorReason.Invalid or ApiErrorReason.BadRequest or ApiErrorReason.MethodNotAllowed
            or ApiErrorReason.UnsupportedMediaType or ApiErrorReason.RequestEntityTooLarge;

    /// <summary>True: what was asked for can never be had, and only another request would help.</summary>
    public bool IsRefusal { get; init; }
}
