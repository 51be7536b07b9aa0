namespace InferenceOperator.Kubernetes.Errors;

/// <summary>Why a request failed. Reasons of the API server keep their names.</summary>
public enum ApiErrorReason
{
    /// <summary>A reason that this program does not know; the message has it.</summary>
    Unknown,
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    AlreadyExists,

    /// <summary>The object is not in the state that the request presumed.</summary>
    Conflict,

    /// <summary>The resource version or continue token is too old: list again.</summary>
    Expired,
    Invalid,
    MethodNotAllowed,
    UnsupportedMediaType,
    RequestEntityTooLarge,
    TooManyRequests,
    ServerTimeout,
    Timeout,
    InternalError,
    ServiceUnavailable,

    /// <summary>No answer: connection refused or cut, name not found, TLS failed, or no reply in time.</summary>
    Unreachable,

    /// <summary>The answer was not what the API promises.</summary>
    Malformed,

    /// <summary>The client's own rate limit would hold the request back for too long.</summary>
    ClientThrottled,

    /// <summary>Not sent: the right to change things has run out (<see cref="Leases.WriteGate"/>).</summary>
    LeaseLost,
}
