using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;

namespace InferenceOperator.Core.Forecasting;

/// <summary>
/// The demand to plan for: the largest of the windows' rates, of their trend carried to when new replicas will help, and of what the
/// day usually brings then, where that has proved better of late. Pure: state and measurement in, state and forecast out.
/// </summary>
internal static class DemandForecast
{
    /// <summary>The trend is carried no further.</summary>
    private const double HorizonMax = 60;

    /// <summary>Growth at most doubles in this many seconds.</summary>
    private const double DoublingSeconds = 30;

    /// <summary>Least variance of a measured ln(1 + rate): rates of neighbouring seconds differ by some percent whatever their number.</summary>
    private const double VarianceMin = 4e-4;

    /// <summary>The excess goes up by so much when what came lies above it, and down by that when it does not: it comes to rest where a tenth lies above.</summary>
    private const double ExcessUp = 0.0045;
    private const double ExcessDown = 0.0005;

    /// <summary>Largest excess: half as much again as the trend said.</summary>
    private const double ExcessMax = 0.4;

    /// <summary>The season is looked at from the horizon on for so long: a replica that is ready then should not be too few at once.</summary>
    private static readonly TimeSpan SeasonAhead = TimeSpan.FromSeconds(60);

    /// <summary>Takes a measurement in.</summary>
    /// <param name="before">The state until now.</param>
    /// <param name="traffic">What is measured.</param>
    /// <param name="now">Time of the measurement (UTC).</param>
    public static ForecastState Observe(ForecastState before, TrafficWindow traffic, DateTimeOffset now)
    {
        var rate = traffic.Short.RowRate;
        var noise = Math.Max(1, traffic.Dispersion ?? 1) * traffic.RowsPerRequest / (Math.Max(1, rate) * Math.Max(0.5, traffic.Short.Seconds));
        var variance = VarianceMin + Math.Min(1, noise);
        var trend = before.Trend?.After(now, rate, variance) ?? DemandTrend.Begin(now, rate, variance);
        var (excess, skill) = (before.Excess, before.Skill);
        var came = Math.Log(1 + Math.Max(rate, traffic.Medium.RowRate));
        foreach (var due in before.Expected.Where(e => e.For <= now))
        {
            var error = came - due.Trend;
            excess += error > excess ? ExcessUp : -ExcessDown;
            skill = due.Seasonal is { } seasonal ? skill.After(seasonal, due.Persistence, came) : skill;
        }

        return new(trend, Math.Clamp(excess, 0, ExcessMax), [.. before.Expected.Where(e => e.For > now)], skill);
    }

    /// <summary>The forecast, and the state that will judge it.</summary>
    /// <param name="state">With the measurement taken in.</param>
    /// <param name="traffic">What is measured.</param>
    /// <param name="seasonal">What the day usually brings at the horizon, rows per second; null: not known.</param>
    /// <param name="now">Time of the measurement (UTC).</param>
    /// <param name="terms">What the caller knows.</param>
    public static (ForecastState State, Forecast Forecast, bool IsCapped) At(ForecastState state, TrafficWindow traffic, double? seasonal, DateTimeOffset now, ForecastTerms terms)
    {
        var (recent, before) = (traffic.Medium.RowRate, traffic.Long.RowRate);
        var envelope = Math.Max(traffic.Short.RowRate, Math.Max(terms.HoldSeconds >= 15 ? recent : 0, terms.HoldSeconds >= 60 ? before : 0));
        var horizon = Math.Min(terms.HorizonSeconds, HorizonMax);
        var middle = state.Trend?.Ahead(horizon) ?? Math.Log(1 + envelope);
        var cap = envelope * Math.Pow(2, horizon / DoublingSeconds);
        var upper = Math.Exp(middle + state.Excess) - 1;
        var trend = Math.Min(upper, cap);
        var plain = Math.Max(envelope, trend);
        var trusts = seasonal is not null && state.Skill.TrustsSeason;
        var backlog = Math.Max(0, traffic.QueueRows - terms.RowsInBatches);
        var forecast = new Forecast(Math.Max(plain, trusts ? seasonal!.Value : 0), envelope, trend, backlog, terms.HorizonSeconds) { SeasonalRowsPerSecond = seasonal, TrustsSeason = trusts };
        var expectation = new Expectation(now + TimeSpan.FromSeconds(horizon), middle, Math.Log(1 + plain), seasonal is { } s ? Math.Log(1 + s) : null);
        return (state with { Expected = Expecting(state.Expected, expectation, horizon) }, forecast, upper > cap);
    }

    /// <summary>The most that the day usually brings from the horizon on; null: not known.</summary>
    public static double? Seasonal(DemandSeason season, DateTimeOffset now, double horizonSeconds) =>
        season.Most(now + TimeSpan.FromSeconds(horizonSeconds), now + TimeSpan.FromSeconds(horizonSeconds) + SeasonAhead);

    /// <summary>Forecasts are judged at regular times, so that few need to be kept.</summary>
    private static ImmutableArray<Expectation> Expecting(ImmutableArray<Expectation> expected, Expectation next, double horizonSeconds)
    {
        var isDue = expected.IsEmpty || (next.For - expected[^1].For).TotalSeconds >= horizonSeconds / (ForecastState.ExpectedMax - 2);
        return isDue && expected.Length < ForecastState.ExpectedMax ? expected.Add(next) : expected;
    }
}
