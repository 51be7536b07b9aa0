namespace InferenceOperator.Core.Planning;

/// <summary>The demand that is planned for.</summary>
/// <param name="RowsPerSecond">Envelope of the windows, the trend at the horizon, or the season, whichever is most.</param>
/// <param name="EnvelopeRowsPerSecond">The largest of the rates over 5, 15 and 60 s.</param>
/// <param name="TrendRowsPerSecond">The trend carried to the horizon, with what usually comes on top of it.</param>
/// <param name="BacklogRows">Rows waiting beyond one batch per replica.</param>
/// <param name="HorizonSeconds">Age of the measurement, a step, and a start-up.</param>
public sealed record Forecast(double RowsPerSecond, double EnvelopeRowsPerSecond, double TrendRowsPerSecond, double BacklogRows, double HorizonSeconds)
{
    /// <summary>What the day usually brings then; null: not known.</summary>
    public double? SeasonalRowsPerSecond { get; init; }

    /// <summary>True: the season did better than persistence of late, and counts.</summary>
    public bool TrustsSeason { get; init; }
}
