using System.Collections.Immutable;

namespace InferenceRuntime.Observability;

/// <summary>The requests of a replica so far.</summary>
/// <param name="Outcomes">Requests by <see cref="RequestOutcome"/>.</param>
/// <param name="LatencyCounts">Answered requests by bucket, not cumulative; the last is above every bound.</param>
/// <param name="LatencySum">Latencies of the answered requests.</param>
/// <param name="Slo">Attainment of each SLO that has been in force.</param>
/// <param name="InFlight">Requests received and not yet answered.</param>
internal sealed record RequestSnapshot(
    ImmutableArray<long> Outcomes,
    ImmutableArray<long> LatencyCounts,
    TimeSpan LatencySum,
    ImmutableArray<SloCount> Slo,
    long InFlight);
