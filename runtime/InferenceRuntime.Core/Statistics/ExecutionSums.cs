namespace InferenceRuntime.Core.Statistics;

/// <summary>Sums over executions that identify the service time s(b) = a + m·b and its variance without bias.</summary>
/// <param name="Count">n.</param>
/// <param name="Rows">Σb, rows as the requests brought them, without padding.</param>
/// <param name="RowsSquared">Σb².</param>
/// <param name="Seconds">Σs, seconds the slot was occupied: pack, run, slice.</param>
/// <param name="RowsSeconds">Σb·s.</param>
/// <param name="SecondsSquared">Σs².</param>
public readonly record struct ExecutionSums(
    long Count, double Rows, double RowsSquared, double Seconds, double RowsSeconds, double SecondsSquared)
{
    /// <summary>The sums with one more execution of <paramref name="rows"/> rows that took <paramref name="seconds"/>.</summary>
    public ExecutionSums Plus(int rows, double seconds)
    {
        double b = rows;
        return new ExecutionSums(
            Count + 1, Rows + b, RowsSquared + (b * b), Seconds + seconds, RowsSeconds + (b * seconds), SecondsSquared + (seconds * seconds));
    }

    /// <summary>The sums over both sets of executions.</summary>
    public ExecutionSums Plus(ExecutionSums other) => new(
        Count + other.Count, Rows + other.Rows, RowsSquared + other.RowsSquared, Seconds + other.Seconds,
        RowsSeconds + other.RowsSeconds, SecondsSquared + other.SecondsSquared);
}
