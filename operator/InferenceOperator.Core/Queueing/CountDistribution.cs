namespace InferenceOperator.Core.Queueing;

/// <summary>Probabilities of how many units arrive in a time: Poisson, or negative binomial when arrivals are burstier.</summary>
internal static class CountDistribution
{
    /// <summary>Probability, over the mode's, below which both tails are cut.</summary>
    private const double Negligible = 1e-8;

    /// <summary>P(N = k) for k = 0 … as an array that sums to 1.</summary>
    /// <param name="mean">At least 0.</param>
    /// <param name="dispersion">Variance over mean, at least 1.</param>
    /// <param name="lengthMax">Longest array, at least 1; what lies beyond is cut.</param>
    public static double[] Of(double mean, double dispersion, int lengthMax)
    {
        if (mean <= 1e-12)
        {
            return [1];
        }

        // P(k+1)/P(k) = (k·tail + factor)/(k + 1); the recurrence runs outwards from the mode, where nothing underflows.
        var isPoisson = dispersion <= 1.001;
        var tail = isPoisson ? 0 : 1 - (1 / dispersion);
        var factor = isPoisson ? mean : mean / dispersion;
        var longest = mean + (7 * Math.Sqrt(mean * dispersion)) + (20 * dispersion);
        var values = new double[Math.Max(1, (int)Math.Min(lengthMax, longest))];
        var mode = Math.Clamp((int)(mean - dispersion + 1), 0, values.Length - 1);
        var sum = values[mode] = 1;
        var length = mode + 1;
        while (length < values.Length && values[length - 1] > Negligible)
        {
            sum += values[length] = values[length - 1] * (((length - 1) * tail) + factor) / length;
            length++;
        }

        for (var k = mode; k > 0 && values[k] > Negligible; k--)
        {
            sum += values[k - 1] = values[k] * k / (((k - 1) * tail) + factor);
        }

        Array.Resize(ref values, length);
        Vectors.Scale(values, 1 / sum);
        return values;
    }

    /// <summary>ln E[e^(θN)]; infinite where the expectation is.</summary>
    public static double LogMoment(double mean, double dispersion, double theta)
    {
        var growth = Math.Exp(theta) - 1;
        if (dispersion <= 1.001)
        {
            return mean * growth;
        }

        var inside = 1 - ((dispersion - 1) * growth);
        return inside > 0 ? -mean / (dispersion - 1) * Math.Log(inside) : double.PositiveInfinity;
    }
}
