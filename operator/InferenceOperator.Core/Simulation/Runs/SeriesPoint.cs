namespace InferenceOperator.Core.Simulation.Runs;

/// <summary>What happened in one interval of a run.</summary>
/// <param name="At">Its end, seconds since the start.</param>
/// <param name="Rate">Requests that came, per second.</param>
/// <param name="Wanted">Replicas asked for, at its end.</param>
/// <param name="Ready">Replicas that served, at its end.</param>
/// <param name="Paid">Replicas that cost, at its end.</param>
/// <param name="Needed">Fewest replicas that hold the SLO at the expected rate.</param>
/// <param name="Latency">Latency at the SLO's share, seconds; infinite where too many were refused; null without a settled request.</param>
/// <param name="Violations">Settled requests that were not met.</param>
/// <param name="MaxBatch">Batch limit at its end.</param>
/// <param name="BurstShare">Share of executions due to the faster variant, at its end.</param>
public readonly record struct SeriesPoint(
    double At, double Rate, int Wanted, int Ready, int Paid, int Needed, double? Latency, long Violations, int MaxBatch, double BurstShare);
