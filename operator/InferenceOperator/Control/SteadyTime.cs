namespace InferenceOperator.Control;

/// <summary>The clock of all control: whatever is done to the time of day, it goes on at the speed of the monotonic clock, so that no window, pause or limit becomes shorter or longer.</summary>
/// <remarks>It shows the time of day of its start, moved on. What people are shown is moved to the time of day by <see cref="Ahead"/>. Safe for several threads.</remarks>
/// <param name="time">The machine's clock.</param>
internal sealed class SteadyTime(TimeProvider time) : TimeProvider
{
    /// <summary>Differences below this are no steps, but a clock that is being slewed.</summary>
    private static readonly TimeSpan StepMin = TimeSpan.FromSeconds(2);

    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly long _origin = time.GetTimestamp();

    /// <summary>How far the time of day has been stepped since the start, whole seconds; zero: it was not.</summary>
    public TimeSpan Ahead
    {
        get
        {
            var ahead = time.GetUtcNow() - GetUtcNow();
            return ahead.Duration() < StepMin ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Round(ahead.TotalSeconds));
        }
    }

    public override long TimestampFrequency => time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => _start + time.GetElapsedTime(_origin);

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
}
