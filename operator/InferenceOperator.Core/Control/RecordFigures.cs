using System.Globalization;
using InferenceOperator.Core.Planning;

namespace InferenceOperator.Core.Control;

/// <summary>Figures that a decision works out, as its record keeps them: to six digits.</summary>
/// <remarks>
/// exp and log differ in their last bit from one machine's library to another's. Six digits say all that counts, and a record that
/// was written on one machine is decided again on another to the byte. What a decision rests on is kept to the last bit.
/// </remarks>
internal static class RecordFigures
{
    private const string Digits = "G6";

    /// <summary>The record with its figures rounded; what it rests on and what it says to do stay as they are.</summary>
    public static DecisionRecord Rounded(DecisionRecord record) => record with
    {
        Forecast = record.Forecast is { } forecast ? Rounded(forecast) : null,
        Candidates = [.. record.Candidates.Select(static c => c with
        {
            ServiceSeconds = Rounded(c.ServiceSeconds),
            Capacity = Rounded(c.Capacity),
            PredictedSeconds = Rounded(c.PredictedSeconds),
            CostPerHour = Rounded(c.CostPerHour),
        })],
        CapacityPerReplica = Rounded(record.CapacityPerReplica),
        TrimFactor = Rounded(record.TrimFactor),
        PredictedSeconds = Rounded(record.PredictedSeconds),
    };

    public static Forecast Rounded(Forecast forecast) => new(
        Rounded(forecast.RowsPerSecond), Rounded(forecast.EnvelopeRowsPerSecond), Rounded(forecast.TrendRowsPerSecond), Rounded(forecast.BacklogRows), Rounded(forecast.BacklogAheadRows), Rounded(forecast.HorizonSeconds))
    {
        KeptShare = Rounded(forecast.KeptShare),
        SeasonalRowsPerSecond = Rounded(forecast.SeasonalRowsPerSecond),
        TrustsSeason = forecast.TrustsSeason,
    };

    private static double? Rounded(double? value) => value is { } known ? Rounded(known) : null;

    private static double Rounded(double value) => double.Parse(value.ToString(Digits, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
