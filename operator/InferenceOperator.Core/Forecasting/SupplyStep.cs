namespace InferenceOperator.Core.Forecasting;

/// <summary>Replicas that serve from a time on, as seen or, ahead of now, as expected.</summary>
/// <param name="AfterSeconds">From so many seconds after the measurement on.</param>
/// <param name="Ready">Replicas, at least 0.</param>
public readonly record struct SupplyStep(double AfterSeconds, int Ready);
