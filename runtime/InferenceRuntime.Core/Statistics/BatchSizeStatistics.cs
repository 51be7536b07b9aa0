namespace InferenceRuntime.Core.Statistics;

/// <summary>Executions of one size.</summary>
/// <param name="Rows">Their rows; above <see cref="BatchSizeTable.ExactMax"/> the upper bound of a range that ends at a power of two.</param>
/// <param name="ComputeInput">Packing, one count for each execution.</param>
/// <param name="ComputeInfer">The model's runs.</param>
/// <param name="ComputeOutput">Slicing.</param>
public sealed record BatchSizeStatistics(int Rows, DurationSum ComputeInput, DurationSum ComputeInfer, DurationSum ComputeOutput)
{
    /// <summary>Executions of both, of the same size.</summary>
    public BatchSizeStatistics Plus(BatchSizeStatistics other) => new(
        Rows, ComputeInput.Plus(other.ComputeInput), ComputeInfer.Plus(other.ComputeInfer), ComputeOutput.Plus(other.ComputeOutput));
}
