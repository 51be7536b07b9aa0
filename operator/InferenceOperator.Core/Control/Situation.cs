using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;

namespace InferenceOperator.Core.Control;

/// <summary>What one step sees before it plans.</summary>
internal sealed record Situation(
    Measurement Measurement,
    TrafficWindow? Traffic,
    SloVerdict Verdict,
    Objective Objective,
    Forecast? Forecast,
    ForecastState? ForecastState,
    bool IsTrendCapped,
    bool IsMissing,
    TimeSpan KnownFor);
