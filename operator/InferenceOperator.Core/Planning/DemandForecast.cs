using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Planning;

/// <summary>The demand to plan for: the largest of the windows' rates, or their trend carried to when new replicas will help.</summary>
internal static class DemandForecast
{
    /// <summary>The trend is carried no further.</summary>
    private const double HorizonMax = 60;

    /// <summary>Distance between the middles of the windows of 15 and 60 s, and of 5 and 15 s.</summary>
    private const double MiddlesApart = 22.5;
    private const double ShortMiddlesApart = 5;

    /// <summary>Growth at most doubles in this many seconds.</summary>
    private const double DoublingSeconds = 30;

    /// <summary>Change that counts as a trend: standard deviations of counting noise, and share of the rate.</summary>
    private const double SignificantDeviations = 2;
    private const double SignificantShare = 0.15;

    /// <param name="traffic">What is measured.</param>
    /// <param name="horizonSeconds">Age of the measurement, a step, and a start-up.</param>
    /// <param name="rowsInBatches">Rows that may wait without being backlog: a batch per replica.</param>
    /// <param name="holdSeconds">The scale-down window: averages over longer than it would hold replicas longer than asked for.</param>
    /// <param name="isCapped">True when the cap on growth bit.</param>
    public static Forecast Of(TrafficWindow traffic, double horizonSeconds, double rowsInBatches, double holdSeconds, out bool isCapped)
    {
        var (recent, before) = (traffic.Medium.RowRate, traffic.Long.RowRate);
        var envelope = Math.Max(traffic.Short.RowRate, Math.Max(holdSeconds >= 15 ? recent : 0, holdSeconds >= 60 ? before : 0));
        var noise = Math.Sqrt(Math.Max(1, traffic.Dispersion ?? 1) * traffic.RowsPerRequest * recent / traffic.Medium.Seconds);
        var change = recent - before;
        var horizon = Math.Min(horizonSeconds, HorizonMax);
        var isTrend = traffic.Long.Seconds >= 45 && change > Math.Max(SignificantDeviations * noise, SignificantShare * before);

        // A step looks like a trend to the long windows; once the short one has levelled off there is none.
        var slope = Math.Min(change / MiddlesApart, (traffic.Short.RowRate - recent) / ShortMiddlesApart);
        var trend = isTrend && slope > 0 ? recent + (slope * horizon) : traffic.Short.RowRate;
        var cap = envelope * Math.Pow(2, horizon / DoublingSeconds);
        isCapped = trend > cap;
        trend = Math.Min(trend, cap);
        return new(Math.Max(envelope, trend), envelope, trend, Math.Max(0, traffic.QueueRows - rowsInBatches), horizonSeconds);
    }
}
