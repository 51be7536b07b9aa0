using System.Collections.Immutable;

namespace InferenceOperator.Core.Observation;

/// <summary>What one replica did between two samples of it.</summary>
internal sealed record CounterStep
{
    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    public double Answered { get; init; }

    public double SloRequests { get; init; }

    public double SloMet { get; init; }

    public ExecutionSums Executions { get; init; }

    /// <summary>By variant, of those that both samples know.</summary>
    public ImmutableSortedDictionary<string, ExecutionSums> Variants { get; init; } = ImmutableSortedDictionary<string, ExecutionSums>.Empty;

    public ArrivalSums Arrivals { get; init; }

    public PhaseSums Phases { get; init; }

    public HistogramCounts Latency { get; init; } = HistogramCounts.Empty;

    public HistogramCounts BatchRows { get; init; } = HistogramCounts.Empty;

    public double BatchSizeMax { get; init; }

    /// <summary>True: it begins with the process.</summary>
    public bool IsFromStart { get; init; }

    /// <summary>Requests in flight at its end.</summary>
    public double InFlight { get; init; }

    public double Seconds => (To - From).TotalSeconds;

    /// <summary>
    /// The step from one sample to the next. After a restart, and for the first sample of a replica that started at most
    /// <see cref="CounterHistory.Retention"/> before it, the sums count from zero at the process start. Null: nothing to count from.
    /// </summary>
    public static CounterStep? Between(ReplicaSample? before, ReplicaSample after)
    {
        var restarted = before is not null && WasReset(before.Counters, after.Counters);
        if (before is null || restarted)
        {
            var start = after.Counters.ProcessStartedAt;
            start = before is not null && start < before.SampledAt ? before.SampledAt : start;
            return start < after.SampledAt && (restarted || after.SampledAt - start <= CounterHistory.Retention)
                ? Of(start, after, null)
                : null;
        }

        return Of(before.SampledAt, after, before.Counters);
    }

    private static CounterStep Of(DateTimeOffset from, ReplicaSample sample, RuntimeCounters? before)
    {
        var now = sample.Counters;
        var sameSlo = before is null || before.SloSeconds == now.SloSeconds;
        return new CounterStep
        {
            From = from,
            To = sample.SampledAt,
            IsFromStart = before is null,
            Answered = now.Answered - (before?.Answered ?? 0),
            SloRequests = sameSlo ? now.SloRequests - (before?.SloRequests ?? 0) : 0,
            SloMet = sameSlo ? now.SloMet - (before?.SloMet ?? 0) : 0,
            Executions = now.Executions - (before?.Executions ?? default),
            Variants = before is null ? now.Variants : Since(before.Variants, now.Variants),
            Arrivals = now.Arrivals - (before?.Arrivals ?? default),
            Phases = now.Phases - (before?.Phases ?? default),
            Latency = now.Latency.Plus(before?.Latency ?? HistogramCounts.Empty, -1),
            BatchRows = now.BatchRows.Plus(before?.BatchRows ?? HistogramCounts.Empty, -1),
            BatchSizeMax = now.BatchSizeMax,
            InFlight = now.InFlight,
        };
    }

    private static ImmutableSortedDictionary<string, ExecutionSums> Since(ImmutableSortedDictionary<string, ExecutionSums> before, ImmutableSortedDictionary<string, ExecutionSums> now) =>
        now.IsEmpty ? now : now.Where(v => before.ContainsKey(v.Key)).ToImmutableSortedDictionary(static v => v.Key, v => v.Value - before[v.Key], StringComparer.Ordinal);

    private static bool WasReset(RuntimeCounters before, RuntimeCounters after) =>
        after.ProcessStartedAt - before.ProcessStartedAt > TimeSpan.FromSeconds(1)
        || after.Arrivals.Windows < before.Arrivals.Windows
        || after.Arrivals.Requests < before.Arrivals.Requests
        || after.Answered < before.Answered
        || after.Executions.Count < before.Executions.Count
        || after.Latency.Count < before.Latency.Count
        || !after.Latency.UpperBounds.SequenceEqual(before.Latency.UpperBounds)
        || !after.BatchRows.UpperBounds.SequenceEqual(before.BatchRows.UpperBounds);
}
