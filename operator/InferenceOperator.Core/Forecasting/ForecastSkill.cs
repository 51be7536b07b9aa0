namespace InferenceOperator.Core.Forecasting;

/// <summary>
/// How forecasts with the season and those without it did on the recent past, where it asked for clearly more: quantile losses, decayed. Immutable.
/// </summary>
/// <param name="Seasonal">Loss of the season.</param>
/// <param name="Persistence">Loss of what is planned for without it.</param>
/// <param name="Judged">Forecasts of both in it, decayed.</param>
public sealed record ForecastSkill(double Seasonal, double Persistence, double Judged)
{
    /// <summary>Nothing judged yet.</summary>
    public static ForecastSkill None { get; } = new(0, 0, 0);

    /// <summary>The quantile that is planned for: too little costs nine times as much as too much.</summary>
    private const double Quantile = 0.9;

    /// <summary>What a forecast keeps of its weight with each one that follows: the last few hundred count.</summary>
    private const double Kept = 0.998;

    /// <summary>Fewest forecasts, about those before one daily peak, and the loss that the season has to stay below.</summary>
    private const double JudgedMin = 15;
    private const double Better = 0.9;

    /// <summary>ln of what the season has to ask for beyond the other forecast for there to be anything to judge.</summary>
    private const double Distinct = 0.05;

    /// <summary>True while the season did clearly better on the recent past.</summary>
    public bool TrustsSeason => Judged >= JudgedMin && Seasonal < Better * Persistence;

    /// <param name="seasonal">What the season said, ln(1 + rate).</param>
    /// <param name="persistence">What was said without it.</param>
    /// <param name="came">What came.</param>
    public ForecastSkill After(double seasonal, double persistence, double came) => seasonal <= persistence + Distinct
        ? this
        : new((Seasonal * Kept) + Loss(seasonal, came), (Persistence * Kept) + Loss(persistence, came), (Judged * Kept) + 1);

    private static double Loss(double said, double came) => came > said ? Quantile * (came - said) : (1 - Quantile) * (said - came);
}
