using System.Collections.Immutable;

namespace InferenceRuntime.Core.Statistics;

/// <summary>What the protocol's statistics extension tells of one model since it was loaded, consistent in itself.</summary>
/// <remarks>
/// A request counts once, with all the time of the batch that it ran in; an execution counts once in the sizes. The four
/// phases count the requests that <see cref="Success"/> counts and add up to its time.
/// </remarks>
/// <param name="Success">Answered requests, from acceptance until the answer lay ready.</param>
/// <param name="Failure">Requests that were accepted or turned away and not answered: no room, expired, cancelled, refused, failed, draining.</param>
/// <param name="Queue">Waiting.</param>
/// <param name="ComputeInput">Packing rows.</param>
/// <param name="ComputeInfer">The model's run.</param>
/// <param name="ComputeOutput">Slicing rows out.</param>
/// <param name="InferenceCount">Rows executed.</param>
/// <param name="ExecutionCount">Executions.</param>
/// <param name="LastInferenceAt">When the last execution ended; the Unix epoch while there was none.</param>
/// <param name="BatchSizes">Executions by size, ascending; only sizes that occurred, at most 81.</param>
public sealed record ModelStatistics(
    DurationSum Success,
    DurationSum Failure,
    DurationSum Queue,
    DurationSum ComputeInput,
    DurationSum ComputeInfer,
    DurationSum ComputeOutput,
    long InferenceCount,
    long ExecutionCount,
    DateTimeOffset LastInferenceAt,
    ImmutableArray<BatchSizeStatistics> BatchSizes)
{
    /// <summary>Both together.</summary>
    public ModelStatistics Plus(ModelStatistics other) => new(
        Success.Plus(other.Success),
        Failure.Plus(other.Failure),
        Queue.Plus(other.Queue),
        ComputeInput.Plus(other.ComputeInput),
        ComputeInfer.Plus(other.ComputeInfer),
        ComputeOutput.Plus(other.ComputeOutput),
        InferenceCount + other.InferenceCount,
        ExecutionCount + other.ExecutionCount,
        LastInferenceAt > other.LastInferenceAt ? LastInferenceAt : other.LastInferenceAt,
        [
            .. BatchSizes.Concat(other.BatchSizes).GroupBy(static size => size.Rows).OrderBy(static size => size.Key)
                .Select(static size => size.Aggregate(static (a, b) => a.Plus(b))),
        ]);
}
