namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>From a time on executions take a factor of what the fit says.</summary>
/// <param name="At">Seconds since the start.</param>
/// <param name="Factor">Above 0; replaces the one before.</param>
public readonly record struct Drift(double At, double Factor);
