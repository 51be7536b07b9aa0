using InferenceRuntime.Contract;

namespace InferenceRuntime.Core.Batching;

/// <summary>The settings in the queue's units: one immutable snapshot, read whole.</summary>
/// <param name="RowsMax">Most rows in a batch of several requests, at least 1.</param>
/// <param name="DelayMax">Longest the oldest request waits for company, in timestamps.</param>
/// <param name="RequestsMax">Requests that may wait.</param>
/// <param name="BytesMax">Bytes that may wait.</param>
public sealed record BatchPolicy(int RowsMax, long DelayMax, int RequestsMax, long BytesMax)
{
    /// <summary>The policy that <paramref name="settings"/> ask for.</summary>
    /// <param name="settings">Validated settings.</param>
    /// <param name="batched">False for a model that takes one request at a time: the batching settings then have no effect.</param>
    /// <param name="timestampFrequency">Timestamps per second.</param>
    public static BatchPolicy From(RuntimeSettings settings, bool batched, long timestampFrequency) => new(
        batched ? settings.Batching.MaxSize : 1,
        batched ? (long)Math.Ceiling(settings.Batching.MaxDelayMs * timestampFrequency / 1000) : 0,
        settings.Queue.MaxRequests,
        settings.Queue.MaxBytes);
}
