using System.Collections.Immutable;

namespace InferenceOperator.Core.Forecasting;

/// <summary>What a forecast remembers of the rates before; small enough to stand in every decision record. The season is kept apart from it. Immutable.</summary>
/// <param name="Trend">Level and slope; null: no rate was measured yet.</param>
/// <param name="Excess">How far what comes usually lies above the trend's forecast: a decayed upper quantile of its errors, ln, at least 0.</param>
/// <param name="Expected">Forecasts whose time has not come, oldest first, at most <see cref="ExpectedMax"/>.</param>
/// <param name="Skill">How the season did.</param>
public sealed record ForecastState(DemandTrend? Trend, double Excess, ImmutableArray<Expectation> Expected, ForecastSkill Skill)
{
    /// <summary>Forecasts that are kept until they can be judged.</summary>
    public const int ExpectedMax = 12;

    public static ForecastState None { get; } = new(null, 0, [], ForecastSkill.None);

    public bool Equals(ForecastState? other) =>
        other is not null && Trend == other.Trend && Excess.Equals(other.Excess) && Skill == other.Skill && Expected.SequenceEqual(other.Expected);

    public override int GetHashCode() => HashCode.Combine(Trend, Excess, Expected.Length, Skill);
}
