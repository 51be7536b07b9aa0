namespace InferenceOperator.Kubernetes;

/// <summary>A clock that only ever moves on, at the speed of the monotonic one: whatever is done to the time of day, pauses and rates stay what they are.</summary>
/// <remarks>It shows the time of day of its start, moved on; good for differences alone. Safe for several threads.</remarks>
internal sealed class SteadyClock(TimeProvider time)
{
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly long _origin = time.GetTimestamp();

    public DateTimeOffset Now => _start + time.GetElapsedTime(_origin);
}
