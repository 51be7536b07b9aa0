namespace InferenceRuntime.Core.Statistics;

/// <summary>Where the time of one execution went. None is negative.</summary>
/// <param name="Input">From the close of the batch to the start of the model: rows are packed.</param>
/// <param name="Infer">The model itself.</param>
/// <param name="Output">From its end until the answers lay ready: rows are sliced out.</param>
public readonly record struct ExecutionTimes(TimeSpan Input, TimeSpan Infer, TimeSpan Output)
{
    /// <summary>How long the slot was occupied.</summary>
    public TimeSpan Occupied => Input + Infer + Output;
}
