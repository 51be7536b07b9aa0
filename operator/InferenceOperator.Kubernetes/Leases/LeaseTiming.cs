namespace InferenceOperator.Kubernetes.Leases;

/// <summary>How long a Lease is good, for its holder and for those who wait for it.</summary>
/// <remarks>
/// A holder stops <see cref="WorkFor"/> after it sent its last successful renewal; others may take the Lease no earlier than
/// <see cref="Duration"/> after they first saw that renewal, which is later still. What is between the two is for requests that
/// are on their way, for work that takes a moment to end, and for clocks that do not run at quite the same speed.
/// All times are counted by each machine's own monotonic clock.
/// </remarks>
public sealed record LeaseTiming
{
    /// <summary>How long others leave an unchanged Lease alone, whole seconds, longer than <see cref="WorkFor"/>. Default 10 s.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the holder works after its last successful renewal was sent. Default 7 s.</summary>
    public TimeSpan WorkFor { get; init; } = TimeSpan.FromSeconds(7);

    /// <summary>Time between two rounds of looking and renewing, before jitter; shorter than <see cref="WorkFor"/>. Default 1.5 s.</summary>
    public TimeSpan RoundEvery { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Longest wait for one answer about Leases. Default 2.5 s.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(2.5);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Duration, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfNotEqual(Duration.Ticks % TimeSpan.TicksPerSecond, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(WorkFor, Duration);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(RoundEvery, WorkFor);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RoundEvery, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AnswerWithin, TimeSpan.Zero);
    }
}
