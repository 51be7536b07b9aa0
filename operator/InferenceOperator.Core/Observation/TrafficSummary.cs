namespace InferenceOperator.Core.Observation;

/// <summary>Adds the replicas' steps up to what all of them did over the windows.</summary>
internal static class TrafficSummary
{
    private const double ShortSeconds = 5;
    private const double MediumSeconds = 15;
    private const double LongSeconds = 60;

    /// <summary>Fewest windows of 100 ms from which burstiness is told.</summary>
    private const double DispersionWindowsMin = 50;

    /// <summary>Dispersion of a replica's own making up to which its windows count.</summary>
    private const double OwnDispersionMax = 0.5;
    private const double WindowSeconds = 0.1;

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
    /// True: what arrived per 100 ms says more of the replica than of the arrivals. Before it was ready nothing came; and while it runs large batches, whoever
    /// balances sends the next ones all at once when a batch is done, which makes windows differ by up to a batch: B·s/(6·100 ms) of dispersion.
    /// </summary>
    private static bool IsOfItsOwnMaking(CounterStep step) =>
        step.IsFromStart
        || (step.Executions.Count > 0 && step.Executions.Rows / step.Executions.Count * (step.Executions.Seconds / step.Executions.Count) > OwnDispersionMax * 6 * WindowSeconds);

    /// <summary>
    /// Var(k)/E(k) of arrivals per 100 ms, within the steps between samples: a change of the rate from step to step is not burstiness. Of the steps the
    /// middle half counts, so that single floods do not.
    /// </summary>
    private static double? Dispersion(IReadOnlyDictionary<string, ReplicaHistory> replicas, IReadOnlyCollection<string> ready, DateTimeOffset begin)
    {
        var steps = ready.SelectMany(name => replicas[name].Steps).Where(s => s.From >= begin && s.Arrivals.Windows >= 2 && !IsOfItsOwnMaking(s)).Select(s => s.Arrivals).ToList();
        if (steps.Sum(a => a.Windows) < DispersionWindowsMin || steps.Sum(a => a.Requests) < DispersionWindowsMin)
        {
            return null;
        }

        var ordered = steps.Where(a => a.Requests > 0).Select(a => (Arrivals: a, Index: Squares(a) / (a.Windows - 1) / (a.Requests / a.Windows))).OrderBy(a => a.Index).ToList();
        var middle = ordered.GetRange(ordered.Count / 4, ordered.Count - (2 * (ordered.Count / 4)));
        return middle.Sum(a => a.Index * a.Arrivals.Windows) / middle.Sum(a => a.Arrivals.Windows);

        static double Squares(ArrivalSums a) => Math.Max(0, a.RequestsSquared - (a.Requests * a.Requests / a.Windows));
    }
}
