namespace InferenceOperator.Local.Endpoint;

/// <summary>What the endpoint holds and waits for at most. Beyond each limit the answer is stated beside it.</summary>
internal sealed record EndpointLimits
{
    /// <summary>Bytes of one request's body; above, 413. Default 64 MiB.</summary>
    public long BodyBytesMax { get; init; } = 64L << 20;

    /// <summary>Bytes of all bodies held until their replies begin; above, 503 with Retry-After. Default 512 MiB.</summary>
    public long HeldBytesMax { get; init; } = 512L << 20;

    /// <summary>Requests of one agent inside the endpoint, held ones included; above, 503 with Retry-After. Default 4,096.</summary>
    public int RequestsMax { get; init; } = 4096;

    /// <summary>Requests of one agent that wait for a replica to become ready; above, 503 with Retry-After. Default 256.</summary>
    public int HoldRequestsMax { get; init; } = 256;

    /// <summary>Bytes of the bodies of one agent's waiting requests; above, 503 with Retry-After. Default 128 MiB.</summary>
    public long HoldBytesMax { get; init; } = 128L << 20;

    /// <summary>Longest such wait; after it, 503 with Retry-After. Default 5 s.</summary>
    public TimeSpan HoldTimeMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest such wait for an agent that may sleep (<c>minReplicas: 0</c>); after it, 503 with Retry-After. Default 60 s: a model has to be loaded.</summary>
    public TimeSpan WakeTimeMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Longest that a replica may be silent on a connection while something is expected of it: then 504, or, in the middle of a reply, a cut.
    /// Seen up to an eighth later. Default 10 min, the longest latency that an SLO can ask for.
    /// </summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a replica that refused or broke a connection gets no requests, unless it is the only one. Default 1 s.</summary>
    public TimeSpan TakenOutFor { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Idle connections kept per replica; more are closed. Default 256.</summary>
    public int IdleConnectionsMax { get; init; } = 256;
}
