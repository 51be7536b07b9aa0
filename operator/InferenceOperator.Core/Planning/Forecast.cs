namespace InferenceOperator.Core.Planning;

/// <summary>The demand that is planned for.</summary>
/// <param name="RowsPerSecond">Envelope of the windows, the trend at the horizon, or the season, whichever is most.</param>
/// <param name="EnvelopeRowsPerSecond">What comes now: the level, or a window's rate where that is beyond its noise.</param>
/// <param name="TrendRowsPerSecond">The trend carried to the horizon, with what usually comes on top of it.</param>
/// <param name="BacklogRows">Rows waiting beyond one batch per replica.</param>
/// <param name="BacklogAheadRows">Rows that will wait at the horizon.</param>
/// <param name="HorizonSeconds">Age of the measurement, a step, and a start-up.</param>
public sealed record Forecast(double RowsPerSecond, double EnvelopeRowsPerSecond, double TrendRowsPerSecond, double BacklogRows, double BacklogAheadRows, double HorizonSeconds)
{
    /// <summary>What of the trend's figure is kept for surprises, as a share of what the trend says without it.</summary>
    public double KeptShare { get; init; }

    /// <summary>What the day usually brings then; null: not known.</summary>
    public double? SeasonalRowsPerSecond { get; init; }

    /// <summary>True: the season did better than persistence of late, and counts.</summary>
    public bool TrustsSeason { get; init; }
}
