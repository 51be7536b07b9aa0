namespace InferenceOperator.Core.Simulation.Runs;

/// <summary>Times in which the SLO was missed: each lasts until latency has stayed within it for 30 s.</summary>
/// <param name="Episodes">How many.</param>
/// <param name="P95Seconds">Their length that 95 % do not pass, seconds; 0 without any.</param>
/// <param name="LongestSeconds">The longest, seconds.</param>
public sealed record Recovery(int Episodes, double P95Seconds, double LongestSeconds)
{
    /// <summary>Good for so long, an episode is over.</summary>
    public const double GoodSeconds = 30;

    public static Recovery Of(IReadOnlyList<SeriesPoint> series, double sloSeconds)
    {
        var lengths = new List<double>();
        double? since = null;
        var lastBad = 0.0;
        foreach (var point in series)
        {
            if (point.Latency > sloSeconds)
            {
                since ??= point.At - Scenario.IntervalSeconds;
                lastBad = point.At;
            }
            else if (since is { } began && point.At - lastBad >= GoodSeconds)
            {
                lengths.Add(lastBad - began);
                since = null;
            }
        }

        if (since is { } open)
        {
            lengths.Add(lastBad - open);
        }

        lengths.Sort();
        return lengths.Count == 0 ? new(0, 0, 0) : new(lengths.Count, lengths[(int)Math.Ceiling(0.95 * lengths.Count) - 1], lengths[^1]);
    }
}
