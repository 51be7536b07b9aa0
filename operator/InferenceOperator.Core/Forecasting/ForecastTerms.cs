namespace InferenceOperator.Core.Forecasting;

/// <summary>What a forecast is for.</summary>
/// <param name="HorizonSeconds">Age of the measurement, a step, and a start-up.</param>
/// <param name="RowsInBatches">Rows that may wait without being backlog: a batch per replica.</param>
/// <param name="HoldSeconds">The scale-down window: averages over longer than it would hold replicas longer than asked for.</param>
public sealed record ForecastTerms(double HorizonSeconds, double RowsInBatches, double HoldSeconds);
