namespace InferenceOperator.Core.Simulation.Runs;

/// <summary>A mean over seeds with its 95 % interval.</summary>
/// <param name="Mean">Over the seeds.</param>
/// <param name="Low">2.5 % of the resampled means lie below.</param>
/// <param name="High">2.5 % of the resampled means lie above.</param>
public readonly record struct Estimate(double Mean, double Low, double High)
{
    private const int Resamples = 2000;

    /// <summary>Bootstrap over the values, always with the same lots; one value has no spread.</summary>
    public static Estimate Of(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        if (values.Count == 1 || values.Any(static v => !double.IsFinite(v)))
        {
            return new(mean, mean, mean);
        }

        var draws = new Draws((ulong)values.Count, DrawPurpose.Bootstrap);
        var means = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            for (var j = 0; j < values.Count; j++)
            {
                means[i] += values[Math.Min(values.Count - 1, (int)(draws.Next() * values.Count))] / values.Count;
            }
        }

        Array.Sort(means);
        return new(mean, means[(int)(0.025 * Resamples)], means[(int)(0.975 * Resamples) - 1]);
    }
}
