using System.Collections.Immutable;

namespace InferenceOperator.Core.Simulation.Runs;

/// <summary>One figure of a run's result; the list below is what tables and files show, in this order.</summary>
/// <param name="Name">Column of a file.</param>
/// <param name="Title">For people, with its unit.</param>
/// <param name="Of">Reads it.</param>
/// <param name="Format">Of a number for people.</param>
public sealed record ResultFigure(string Name, string Title, Func<RunResult, double> Of, string Format)
{
    public static ImmutableArray<ResultFigure> All { get; } =
    [
        new("attainment_percent", "attainment, %", static r => 100 * r.Attainment, "0.000"),
        new("violations", "violations", static r => r.Violations, "0"),
        new("requests", "requests", static r => r.Counts.Settled + r.Overdue, "0"),
        new("refused", "refused, expired, lost", static r => r.Counts.Refused + r.Counts.Expired + r.Counts.Lost, "0"),
        new("p50_ms", "p50, ms", static r => 1e3 * r.Latency.P50, "0.0"),
        new("p99_ms", "p99, ms", static r => 1e3 * r.Latency.P99, "0.0"),
        new("p999_ms", "p99.9, ms", static r => 1e3 * r.Latency.P999, "0.0"),
        new("good_minutes_percent", "minutes within SLO, %", static r => 100 * r.GoodMinutes, "0.00"),
        new("gpu_hours", "GPU-hours", static r => r.GpuHours, "0.00"),
        new("gpu_hours_over_bound", "over the bound", static r => r.BoundGpuHours > 0 ? r.GpuHours / r.BoundGpuHours : 1, "0.000"),
        new("cost", "cost", static r => r.Cost, "0.00"),
        new("scale_actions_per_hour", "scale actions/h", static r => r.ScaleActions / r.Hours, "0.0"),
        new("reversals_per_hour", "reversals/h", static r => r.Reversals / r.Hours, "0.0"),
        new("batch_changes_per_hour", "batch changes/h", static r => r.BatchChanges / r.Hours, "0.0"),
        new("variant_changes_per_hour", "variant changes/h", static r => r.VariantChanges / r.Hours, "0.0"),
        new("burst_percent", "on the burst variant, %", static r => r.Counts.Answered > 0 ? 100.0 * r.Counts.Burst / r.Counts.Answered : 0, "0.00"),
        new("episodes", "times out of SLO", static r => r.Recovery.Episodes, "0"),
        new("recovery_p95_s", "recovery p95, s", static r => r.Recovery.P95Seconds, "0"),
        new("recovery_max_s", "longest, s", static r => r.Recovery.LongestSeconds, "0"),
        new("under_accuracy", "θ under", static r => r.Elasticity.Under, "0.000"),
        new("over_accuracy", "θ over", static r => r.Elasticity.Over, "0.000"),
        new("under_time", "τ under", static r => r.Elasticity.UnderTime, "0.000"),
        new("over_time", "τ over", static r => r.Elasticity.OverTime, "0.000"),
        new("instability", "ν", static r => r.Elasticity.Instability, "0.000"),
    ];

    /// <summary>Mean and interval over the runs of one policy.</summary>
    public Estimate Over(IEnumerable<RunResult> runs) => Estimate.Of([.. runs.Select(Of)]);
}
