namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>Ready replicas end all at once and start again.</summary>
/// <param name="At">Seconds since the start.</param>
/// <param name="Share">Share of the ready replicas, rounded up, the oldest first; in (0, 1].</param>
public readonly record struct NodeLoss(double At, double Share);
