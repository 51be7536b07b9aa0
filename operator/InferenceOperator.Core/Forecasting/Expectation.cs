namespace InferenceOperator.Core.Forecasting;

/// <summary>What was expected of a time that has not come yet, so that it can be judged then.</summary>
/// <param name="For">The time (UTC).</param>
/// <param name="Horizon">How far ahead it was made, seconds.</param>
/// <param name="Seconds">Time that it stands for.</param>
/// <param name="Trend">ln(1 + rows per second) by the trend.</param>
/// <param name="Persistence">ln(1 + rows per second) by all that was known but the season.</param>
/// <param name="Seasonal">ln(1 + rows per second) by the season; null: it knew nothing.</param>
public sealed record Expectation(DateTimeOffset For, double Horizon, double Seconds, double Trend, double Persistence, double? Seasonal);
