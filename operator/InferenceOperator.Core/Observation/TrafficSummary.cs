namespace InferenceOperator.Core.Observation;

/// <summary>Adds the replicas' steps up to what all of them did over the windows.</summary>
internal static class TrafficSummary
{
    private const double ShortSeconds = 5;
    private const double MediumSeconds = 15;
    private const double LongSeconds = 60;

    /// <summary>Fewest windows of 100 ms from which burstiness is told.</summary>
    private const double DispersionWindowsMin = 50;

    /// <param name="replicas">All remembered, gone ones too: their share of the window counts.</param>
    /// <param name="ready">Ready ones; each has a step.</param>
    /// <param name="now">The time (UTC).</param>
    /// <param name="sloShare">The SLO's percentile, share.</param>
    public static TrafficWindow Of(IReadOnlyDictionary<string, ReplicaHistory> replicas, IReadOnlyCollection<string> ready, DateTimeOffset now, double sloShare)
    {
        var live = ready.Select(name => replicas[name]).ToList();
        var end = live.Max(r => r.NewestAt);
        end = end > now ? now : end;
        var byWindow = new[] { ShortSeconds, MediumSeconds, LongSeconds }.Select(s => Sum(replicas, ready, end, s)).ToArray();
        var (medium, longest) = (byWindow[1], byWindow[2]);
        var latency = medium.Latency.Count >= 1 ? medium.Latency : longest.Latency;
        return new TrafficWindow
        {
            Short = byWindow[0].Rates(),
            Medium = medium.Rates(),
            Long = longest.Rates(),
            P50Seconds = latency.Quantile(0.5),
            P99Seconds = latency.Quantile(0.99),
            SloPercentileSeconds = latency.Quantile(sloShare),
            Dispersion = Dispersion(replicas, ready, end - TimeSpan.FromSeconds(LongSeconds + 1)),
            RowsPerRequest = longest.Arrivals.Requests > 0 ? Math.Max(1, longest.Arrivals.Rows / longest.Arrivals.Requests) : 1,
            OverheadSeconds = longest.Answered > 0 ? (longest.Phases.Communication + longest.Phases.Overhead) / longest.Answered : 0,
            Disagrees = LittleCheck.Disagrees([.. live.SelectMany(r => r.Steps).Where(s => s.From >= end - TimeSpan.FromSeconds(LongSeconds + 1))]),
            QueueRows = live.Sum(r => r.Newest.Counters.QueueRows),
            InFlight = live.Sum(r => r.Newest.Counters.InFlight),
            BatchSizeMax = (int)Math.Min(live.Max(r => r.Newest.Counters.BatchSizeMax), 65_536),
        };
    }

    private static WindowSums Sum(IReadOnlyDictionary<string, ReplicaHistory> replicas, IReadOnlyCollection<string> ready, DateTimeOffset end, double seconds)
    {
        // What no sample reaches back to cannot be told: the window shrinks to what the best-known ready replica covers.
        var known = ready.Max(name => (end - replicas[name].Steps[0].From).TotalSeconds);
        var sums = new WindowSums { Seconds = Math.Clamp(known, 0.001, seconds) };
        var begin = end - TimeSpan.FromSeconds(sums.Seconds);
        foreach (var (name, replica) in replicas)
        {
            sums.Add(replica, begin, end, isLive: ready.Contains(name));
        }

        return sums;
    }

    /// <summary>
    /// Var(k)/E(k) of arrivals per 100 ms, within the steps between samples: a change of the rate from step to step is not burstiness.
    /// </summary>
    private static double? Dispersion(IReadOnlyDictionary<string, ReplicaHistory> replicas, IReadOnlyCollection<string> ready, DateTimeOffset begin)
    {
        double squares = 0, freedom = 0, windows = 0, requests = 0;
        foreach (var a in ready.SelectMany(name => replicas[name].Steps).Where(s => s.From >= begin && s.Arrivals.Windows >= 2).Select(s => s.Arrivals))
        {
            squares += Math.Max(0, a.RequestsSquared - (a.Requests * a.Requests / a.Windows));
            freedom += a.Windows - 1;
            windows += a.Windows;
            requests += a.Requests;
        }

        return windows >= DispersionWindowsMin && requests >= DispersionWindowsMin ? squares / freedom / (requests / windows) : null;
    }
}
