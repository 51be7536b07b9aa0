using System.Collections.Immutable;

namespace InferenceOperator.Core.Forecasting;

/// <summary>What a forecast remembers of the rates before; small enough to stand in every decision record. The season is kept apart from it. Immutable.</summary>
/// <param name="Trend">Level and slope; null: no rate was measured yet.</param>
/// <param name="Surprises">How far what came lay above the trend's forecast, and how often.</param>
/// <param name="Expected">Forecasts whose time has not come, oldest first, at most <see cref="ExpectedMax"/>.</param>
/// <param name="Skill">How the season did.</param>
public sealed record ForecastState(DemandTrend? Trend, SurpriseHistogram Surprises, ImmutableArray<Expectation> Expected, ForecastSkill Skill)
{
    /// <summary>Forecasts that are kept until they can be judged.</summary>
    public const int ExpectedMax = 12;

    public static ForecastState None { get; } = new(null, SurpriseHistogram.Unseen, [], ForecastSkill.None);

    public bool Equals(ForecastState? other) =>
        other is not null && Trend == other.Trend && Surprises == other.Surprises && Skill == other.Skill && Expected.SequenceEqual(other.Expected);

    public override int GetHashCode() => HashCode.Combine(Trend, Surprises, Expected.Length, Skill);
}
