namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>What a policy wants from now on.</summary>
/// <param name="Replicas">At least 0; the scenario's bounds are kept by whoever applies it.</param>
/// <param name="MaxBatch">Most rows in one execution; null: as it is.</param>
/// <param name="MaxDelaySeconds">Longest wait for company; null: as it is.</param>
/// <param name="BurstShare">Share of executions on the faster variant, 0 to 1.</param>
public readonly record struct ScalingDecision(int Replicas, int? MaxBatch = null, double? MaxDelaySeconds = null, double BurstShare = 0);
