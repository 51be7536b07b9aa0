using System.Collections.Immutable;
using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Core.Simulation.Runs;

/// <summary>What one policy did with one seed, warm-up left out.</summary>
public sealed record RunResult
{
    public required string Policy { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Hours that count.</summary>
    public required double Hours { get; init; }

    public required RequestCounts Counts { get; init; }

    /// <summary>Requests that were still held past the target when the run ended.</summary>
    public required long Overdue { get; init; }

    /// <summary>Latency at 50, 99 and 99.9 % of the requests, seconds; infinite among the refused.</summary>
    public required (double P50, double P99, double P999) Latency { get; init; }

    /// <summary>Share of one-minute windows with traffic in which the SLO held.</summary>
    public required double GoodMinutes { get; init; }

    /// <summary>Hours of replicas that hold a place: starting, ready and draining.</summary>
    public required double GpuHours { get; init; }

    /// <summary>GPU-hours of the fewest replicas that hold the SLO at the expected rate, at every instant.</summary>
    public required double BoundGpuHours { get; init; }

    public required double Cost { get; init; }

    /// <summary>Times that another number of replicas was asked for.</summary>
    public required int ScaleActions { get; init; }

    /// <summary>Of those, times that the direction was not that of the one before.</summary>
    public required int Reversals { get; init; }

    /// <summary>Times that the batch limit was moved.</summary>
    public required int BatchChanges { get; init; }

    /// <summary>Times that the faster variant was called in or sent off.</summary>
    public required int VariantChanges { get; init; }

    public required Recovery Recovery { get; init; }

    public required Elasticity Elasticity { get; init; }

    public required ImmutableArray<SeriesPoint> Series { get; init; }

    /// <summary>Requests that were not answered within the target.</summary>
    public long Violations => Counts.Settled - Counts.Met + Overdue;

    /// <summary>Share of requests that were.</summary>
    public double Attainment => Counts.Settled + Overdue > 0 ? 1 - ((double)Violations / (Counts.Settled + Overdue)) : 1;
}
