using System.Collections.Immutable;
using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Planning.Variants;

namespace InferenceOperator.Core.Control;

/// <summary>A decision, and what the controller has to remember of how it was made.</summary>
/// <param name="Record">The decision.</param>
/// <param name="Verdict">On the SLO.</param>
/// <param name="ForecastState">With what was expected; null when traffic is not measured.</param>
/// <param name="Demand">What was planned for, rows per second; null: unknown.</param>
/// <param name="Options">The forms of the model with the capacities found by now, the model itself first.</param>
/// <param name="Trim">The trim by now.</param>
/// <param name="CalmSince">Since when the replicas would do without the burst variant; null: they would not, or there is none.</param>
/// <param name="Utility">Predicted utility with 0 up to so many replicas; empty: traffic or service time is unknown.</param>
internal sealed record DecisionOutcome(
    DecisionRecord Record,
    SloVerdict Verdict,
    ForecastState? ForecastState,
    double? Demand,
    ImmutableArray<ModelOption> Options,
    CapacityTrim Trim,
    DateTimeOffset? CalmSince,
    Func<int, ImmutableArray<double>> Utility);
