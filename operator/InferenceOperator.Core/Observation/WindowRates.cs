namespace InferenceOperator.Core.Observation;

/// <summary>Sums over one window, as rates.</summary>
/// <param name="Seconds">Length of the window that samples really cover.</param>
/// <param name="RequestRate">Requests that arrived per second, whatever became of them.</param>
/// <param name="RowRate">Rows that arrived per second.</param>
/// <param name="AnswerRate">Requests answered per second.</param>
/// <param name="SloRequests">Requests that the SLO counts.</param>
/// <param name="SloMet">Those within it.</param>
public sealed record WindowRates(double Seconds, double RequestRate, double RowRate, double AnswerRate, double SloRequests, double SloMet)
{
    /// <summary>Share of requests within the SLO; null when none counted.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double? Attainment => SloRequests >= 1 ? Math.Clamp(SloMet / SloRequests, 0, 1) : null;
}
