namespace InferenceOperator.Kubernetes.Queues;

/// <summary>The bounds of a work queue.</summary>
public sealed record WorkQueueOptions
{
    /// <summary>Most keys known at once: waiting, ready or being worked on. A new key beyond that is refused. Default 100,000.</summary>
    public int KeysMax { get; init; } = 100_000;

    /// <summary>Pause before a key is tried again after its first failure; doubles with each further one. Default 100 ms.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause between tries of one key. Default 5 min.</summary>
    public TimeSpan PauseMax { get; init; } = TimeSpan.FromMinutes(5);
}
