namespace InferenceOperator.Benchmarks.Serving;

/// <summary>Fits a line to values at equal distances that does not follow a few outliers: the median of all slopes (Theil 1950; Sen 1968).</summary>
internal static class StraightLine
{
    /// <summary>By how much the line rises from the first value to the last; at least two values.</summary>
    public static double Rise(IReadOnlyList<double> values)
    {
        var slopes = new List<double>(values.Count * (values.Count - 1) / 2);
        for (var i = 0; i < values.Count; i++)
        {
            for (var j = i + 1; j < values.Count; j++)
            {
                slopes.Add((values[j] - values[i]) / (j - i));
            }
        }

        return slopes.Median() * (values.Count - 1);
    }
}
