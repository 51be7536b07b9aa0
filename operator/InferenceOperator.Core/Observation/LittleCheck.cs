namespace InferenceOperator.Core.Observation;

/// <summary>
/// Little's law as a check of the measurements: the mean of the requests in flight, as each sample found them, has to be the answered requests' latencies
/// per second, as the counters have them, whoever gave the samples.
/// </summary>
/// <remarks>It holds in steady state only: while a queue grows or is worked off both may differ though nothing is wrong. So it may hold a decision back, never cause one.</remarks>
internal static class LittleCheck
{
    /// <summary>Samples and mean requests in flight from which the law can be told from chance.</summary>
    private const int SamplesMin = 8;
    private const double InFlightMin = 1;

    /// <summary>Difference that counts: this share, and so many standard errors of the mean in flight.</summary>
    private const double Share = 0.2;
    private const double Deviations = 4;

    /// <summary>True when the two contradict each other over the steps.</summary>
    /// <param name="steps">Of all ready replicas, over the same time.</param>
    public static bool Disagrees(IReadOnlyCollection<CounterStep> steps)
    {
        if (steps.Count < SamplesMin)
        {
            return false;
        }

        var seconds = steps.Sum(s => s.Seconds);
        var expected = steps.Sum(s => s.Phases.Queue + s.Phases.Compute + s.Phases.Communication + s.Phases.Overhead) / seconds;
        var mean = steps.Average(s => s.InFlight);
        var variance = steps.Sum(s => (s.InFlight - mean) * (s.InFlight - mean)) / (steps.Count - 1);
        var off = Math.Abs(mean - expected);
        return Math.Max(mean, expected) >= InFlightMin && off > Share * Math.Max(mean, expected) && off > Deviations * Math.Sqrt(variance / steps.Count);
    }
}
