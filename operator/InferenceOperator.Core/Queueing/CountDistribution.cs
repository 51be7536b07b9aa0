namespace InferenceOperator.Core.Queueing;

/// <summary>Probabilities of how many units arrive in a time: Poisson, or negative binomial when arrivals are burstier.</summary>
internal static class CountDistribution
{
    /// <summary>Probability below which both tails are cut.</summary>
    private const double Negligible = 1e-9;

    /// <summary>P(N = k) for k = 0 … as an array that sums to 1.</summary>
    /// <param name="mean">At least 0.</param>
    /// <param name="dispersion">Variance over mean, at least 1.</param>
    /// <param name="lengthMax">Longest array; what lies beyond is put into the last place.</param>
    public static double[] Of(double mean, double dispersion, int lengthMax)
    {
        if (mean <= 1e-12)
        {
            return [1];
        }

        var isPoisson = dispersion <= 1.001;
        var size = isPoisson ? 0 : mean / (dispersion - 1);
        var more = isPoisson ? 0 : 1 - (1 / dispersion);

        // P(k+1)/P(k); the recurrence runs outwards from the mode, where nothing underflows.
        double Ratio(int k) => isPoisson ? mean / (k + 1) : (k + size) / (k + 1) * more;

        var mode = Math.Min(lengthMax - 1, (int)(isPoisson ? mean : Math.Max(0, mean - dispersion + 1)));
        var values = new double[lengthMax];
        values[mode] = 1;
        var last = mode;
        for (var k = mode; k + 1 < lengthMax && values[k] > Negligible; k++)
        {
            values[k + 1] = values[k] * Ratio(k);
            last = k + 1;
        }

        for (var k = mode; k > 0 && values[k] > Negligible; k--)
        {
            values[k - 1] = values[k] / Ratio(k - 1);
        }

        Array.Resize(ref values, last + 1);
        var sum = values.Sum();
        for (var k = 0; k < values.Length; k++)
        {
            values[k] /= sum;
        }

        return values;
    }
}
