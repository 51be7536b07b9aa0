using InferenceOperator.Core.Forecasting;

namespace InferenceOperator.Core.Control;

/// <summary>What a forecast rests on beside the measurement.</summary>
/// <param name="State">What is remembered of the rates before, this measurement's taken in.</param>
/// <param name="Terms">What it is for.</param>
/// <param name="Seasonal">What the day usually brings at the horizon, rows per second; null: not known.</param>
public sealed record ForecastBasis(ForecastState State, ForecastTerms Terms, double? Seasonal);
