namespace InferenceOperator.Local.Replicas;

/// <summary>How long the supervisor waits for a replica.</summary>
internal sealed record ReplicaTimes
{
    /// <summary>Between two looks at a starting replica. Default 50 ms.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>From start to ready, after which it is killed and started again. Default 10 min: large models load long.</summary>
    public TimeSpan StartMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For the last of its requests to be answered, once it gets no new ones. Default 30 s.</summary>
    public TimeSpan DrainMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From SIGTERM to its end, after which it is killed. Default 10 s.</summary>
    public TimeSpan EndMax { get; init; } = TimeSpan.FromSeconds(10);
}
