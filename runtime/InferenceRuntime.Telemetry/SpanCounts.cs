namespace InferenceRuntime.Telemetry;

/// <summary>What became of the spans that were recorded, since the start.</summary>
/// <param name="Exported">Taken by the receiver.</param>
/// <param name="DroppedFull">Dropped because the queue was full.</param>
/// <param name="DroppedUndelivered">Dropped because the receiver was not reached in time, refused them, or the program ended first.</param>
public readonly record struct SpanCounts(long Exported, long DroppedFull, long DroppedUndelivered)
{
    /// <summary>The label value for <see cref="DroppedFull"/>.</summary>
    public const string Full = "queue_full";

    /// <summary>The label value for <see cref="DroppedUndelivered"/>.</summary>
    public const string Undelivered = "undelivered";
}
