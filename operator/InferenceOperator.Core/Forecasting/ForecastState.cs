using System.Collections.Immutable;

namespace InferenceOperator.Core.Forecasting;

/// <summary>What a forecast remembers of the rates before; small enough to stand in every decision record. The season is kept apart from it. Immutable.</summary>
/// <param name="Trend">Level and slope; null: no rate was measured yet.</param>
/// <param name="Surprise">How far what comes lies above the trend's forecast: the decayed mean square of that, ln², per second of the horizon.</param>
/// <param name="Expected">Forecasts whose time has not come, oldest first, at most <see cref="ExpectedMax"/>.</param>
/// <param name="Skill">How the season did.</param>
public sealed record ForecastState(DemandTrend? Trend, double Surprise, ImmutableArray<Expectation> Expected, ForecastSkill Skill)
{
    /// <summary>Forecasts that are kept until they can be judged.</summary>
    public const int ExpectedMax = 12;

    /// <summary>Taken before anything was seen: a fifth more within half a minute is two deviations.</summary>
    private const double SurpriseUnseen = 1e-4;

    public static ForecastState None { get; } = new(null, SurpriseUnseen, [], ForecastSkill.None);

    public bool Equals(ForecastState? other) =>
        other is not null && Trend == other.Trend && Surprise.Equals(other.Surprise) && Skill == other.Skill && Expected.SequenceEqual(other.Expected);

    public override int GetHashCode() => HashCode.Combine(Trend, Surprise, Expected.Length, Skill);
}
