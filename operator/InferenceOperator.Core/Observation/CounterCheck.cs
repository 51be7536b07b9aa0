namespace InferenceOperator.Core.Observation;

/// <summary>Tells whether a replica's numbers can be believed at all.</summary>
internal static class CounterCheck
{
    /// <summary>What is wrong, or null.</summary>
    public static (UnknownReason Reason, string Detail)? Complaint(RuntimeCounters c)
    {
        ReadOnlySpan<(string Name, double Value)> values =
        [
            ("answered requests", c.Answered), ("refused requests", c.Refused),
            ("SLO requests", c.SloRequests), ("requests within the SLO", c.SloMet),
            ("executions", c.Executions.Count), ("execution rows", c.Executions.Rows), ("squared rows", c.Executions.RowsSquared),
            ("execution seconds", c.Executions.Seconds), ("rows times seconds", c.Executions.RowsSeconds), ("squared seconds", c.Executions.SecondsSquared),
            ("arrival windows", c.Arrivals.Windows), ("arrivals", c.Arrivals.Requests), ("squared arrivals", c.Arrivals.RequestsSquared), ("arrival rows", c.Arrivals.Rows),
            ("queue seconds", c.Phases.Queue), ("compute seconds", c.Phases.Compute), ("communication seconds", c.Phases.Communication), ("overhead seconds", c.Phases.Overhead),
            ("shadowed rows", c.ShadowRows), ("shadowed rows that differed", c.ShadowDiffered),
            ("queued requests", c.QueueRequests), ("queued rows", c.QueueRows), ("requests in flight", c.InFlight),
            ("batch limit", c.BatchSizeMax), ("batch delay", c.BatchDelayMaxSeconds),
            ("latency count", c.Latency.Count), ("latency sum", c.Latency.Sum), ("batch count", c.BatchRows.Count),
        ];
        foreach (var (name, value) in values)
        {
            if (!double.IsFinite(value) || value < 0)
            {
                return (UnknownReason.NotFinite, $"{name} is {value}");
            }
        }

        if (c.SloMet > c.SloRequests)
        {
            return (UnknownReason.Contradictory, $"{c.SloMet} requests within the SLO of {c.SloRequests}");
        }

        if (c.Executions.Count > c.Executions.Rows)
        {
            return (UnknownReason.Contradictory, $"{c.Executions.Count} executions of only {c.Executions.Rows} rows");
        }

        foreach (var (variant, sums) in c.Variants)
        {
            ReadOnlySpan<double> all = [sums.Count, sums.Rows, sums.RowsSquared, sums.Seconds, sums.RowsSeconds, sums.SecondsSquared];
            foreach (var value in all)
            {
                if (!double.IsFinite(value) || value < 0)
                {
                    return (UnknownReason.NotFinite, $"a sum over executions of {variant} is {value}");
                }
            }
        }

        return c.Latency.Cumulative.Length == c.Latency.UpperBounds.Length && c.Latency.Cumulative.All(double.IsFinite)
            ? null
            : (UnknownReason.Contradictory, "the latency histogram is broken");
    }
}
