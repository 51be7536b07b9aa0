using InferenceOperator.Kubernetes.Transport;

namespace InferenceOperator.Kubernetes;

/// <summary>How hard the client may press the API server.</summary>
public sealed record KubernetesClientOptions
{
    /// <summary>Requests per second in the long run, above zero. Default 400.</summary>
    public double QueriesPerSecond { get; init; } = 400;

    /// <summary>Requests at once after a quiet time, at least 1. Default 800.</summary>
    public int Burst { get; init; } = 800;

    /// <summary>Longest that the rate limit holds a request back before it fails. Default 60 s.</summary>
    public TimeSpan ThrottleWaitMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest wait for one answer (for a watch: for its start). Default 30 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Tries of one request, at least 1. Default 5.</summary>
    public int AttemptsMax { get; init; } = 5;

    /// <summary>Longest that a Retry-After is obeyed. Default 30 s.</summary>
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Objects per page of a list, at least 1. Default 500.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Seeds the jitter of pauses; by default different in each process.</summary>
    public int JitterSeed { get; init; } = HashCode.Combine(Environment.MachineName, Environment.ProcessId);

    /// <summary>What the API server's audit log calls this program.</summary>
    public string UserAgent { get; init; } = "inference-operator";

    internal Backoff Backoff { get; init; } = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10));

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(QueriesPerSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(Burst, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(AttemptsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PageSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RequestTimeout, TimeSpan.Zero);
    }
}
