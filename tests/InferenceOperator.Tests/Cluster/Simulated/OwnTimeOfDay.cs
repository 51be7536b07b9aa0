namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>The clock of one machine: it runs as all others do, but its time of day is set forth and back.</summary>
internal sealed class OwnTimeOfDay(TimeProvider time) : TimeProvider
{
    /// <summary>How far its time of day is ahead of the others'.</summary>
    public TimeSpan Ahead { get; set; }

    public override long TimestampFrequency => time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Ahead;

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
}
