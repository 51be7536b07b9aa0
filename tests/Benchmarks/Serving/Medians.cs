namespace InferenceOperator.Benchmarks.Serving;

/// <summary>Medians.</summary>
internal static class Medians
{
    /// <summary>The middle value, or the mean of the two middle ones.</summary>
    /// <exception cref="InvalidOperationException">There are no values.</exception>
    public static double Median(this IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length > 0
            ? (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2
            : throw new InvalidOperationException("no values");
    }
}
