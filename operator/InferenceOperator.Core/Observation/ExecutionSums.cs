namespace InferenceOperator.Core.Observation;

/// <summary>Sums over executions that identify s(b) = a + m·b without bias.</summary>
/// <param name="Count">n.</param>
/// <param name="Rows">Σb.</param>
/// <param name="RowsSquared">Σb².</param>
/// <param name="Seconds">Σs.</param>
/// <param name="RowsSeconds">Σb·s.</param>
/// <param name="SecondsSquared">Σs².</param>
public readonly record struct ExecutionSums(double Count, double Rows, double RowsSquared, double Seconds, double RowsSeconds, double SecondsSquared)
{
    public static ExecutionSums operator +(ExecutionSums l, ExecutionSums r) => new(
        l.Count + r.Count, l.Rows + r.Rows, l.RowsSquared + r.RowsSquared, l.Seconds + r.Seconds, l.RowsSeconds + r.RowsSeconds, l.SecondsSquared + r.SecondsSquared);

    public static ExecutionSums operator -(ExecutionSums l, ExecutionSums r) => l + (r * -1);

    public static ExecutionSums operator *(ExecutionSums l, double f) => new(
        l.Count * f, l.Rows * f, l.RowsSquared * f, l.Seconds * f, l.RowsSeconds * f, l.SecondsSquared * f);

    /// <summary>Of an execution; there is at least one.</summary>
    internal double MeanSeconds => Seconds / Count;

    /// <summary>Mean and variance of the rows; at least one execution.</summary>
    internal (double Mean, double Variance) RowMoments()
    {
        var mean = Rows / Count;
        return (mean, Math.Max(0, (RowsSquared / Count) - (mean * mean)));
    }
}
