using InferenceRuntime.Contract;

namespace InferenceRuntime.Core.Batching;

/// <summary>The settings in the queue's units: one immutable snapshot, read whole.</summary>
/// <param name="RowsMax">Most rows in a batch of several requests, at least 1.</param>
/// <param name="DelayMax">Longest the oldest request waits for company, in timestamps.</param>
/// <param name="RequestsMax">Requests that may wait.</param>
/// <param name="BytesMax">Bytes that may wait.</param>
public sealed record BatchPolicy(int RowsMax, long DelayMax, int RequestsMax, long BytesMax)
{
    /// <summary>Longest a request may wait in all, in timestamps; <see cref="long.MaxValue"/> for no limit.</summary>
    public long TimeoutMax { get; init; } = long.MaxValue;

    /// <summary>Level of requests that ask for none, 1 to <see cref="QueueSettings.PriorityLevels"/>.</summary>
    public int DefaultLevel { get; init; } = QueueSettings.DefaultPriorityLevel;

    /// <summary>The policy that <paramref name="settings"/> ask for.</summary>
    /// <param name="settings">Validated settings.</param>
    /// <param name="batched">False for a model that takes one request at a time: the batching settings then have no effect.</param>
    /// <param name="timestampFrequency">Timestamps per second.</param>
    public static BatchPolicy From(RuntimeSettings settings, bool batched, long timestampFrequency) => new(
        batched ? settings.Batching.MaxSize : 1,
        batched ? Timestamps(settings.Batching.MaxDelayMs, timestampFrequency) : 0,
        settings.Queue.MaxRequests,
        settings.Queue.MaxBytes)
    {
        TimeoutMax = settings.Queue.TimeoutMs is { } timeout ? Timestamps(timeout, timestampFrequency) : long.MaxValue,
        DefaultLevel = settings.Queue.DefaultPriority ?? QueueSettings.DefaultPriorityLevel,
    };

    /// <summary>The level of a request that asks for <paramref name="priority"/>: 0 is the default; beyond the lowest level is the lowest.</summary>
    public int LevelOf(ulong priority) => priority == 0 ? DefaultLevel : (int)Math.Min(priority, QueueSettings.PriorityLevels);

    /// <summary>The deadline of a request that is accepted at <paramref name="now"/> and brings one: its own may only be earlier.</summary>
    public long DeadlineOf(long ownDeadline, long now) =>
        TimeoutMax >= long.MaxValue - Math.Max(now, 0) ? ownDeadline : Math.Min(ownDeadline, now + TimeoutMax);

    private static long Timestamps(double milliseconds, long timestampFrequency) =>
        (long)Math.Ceiling(milliseconds * timestampFrequency / 1000);
}
