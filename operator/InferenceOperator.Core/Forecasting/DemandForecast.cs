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

    /// <summary>Deviations of its own noise by which a window's rate has to lie above the level to count.</summary>
    private const double NoiseDeviations = 2;

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
        var (surprises, skill) = (before.Surprises, before.Skill);
        var came = Math.Log(1 + traffic.Medium.RowRate);
        foreach (var due in before.Expected.Where(e => e.For <= now))
        {
            surprises = surprises.After(came - due.Trend, due.Horizon, due.Seconds);
            skill = due.Seasonal is { } seasonal ? skill.After(seasonal, due.Persistence, came) : skill;
        }

        return new(trend, surprises, [.. before.Expected.Where(e => e.For > now)], skill);
    }

    /// <summary>The forecast, and the state that will judge it.</summary>
    /// <param name="state">With the measurement taken in.</param>
    /// <param name="traffic">What is measured.</param>
    /// <param name="seasonal">What the day usually brings at the horizon, rows per second; null: not known.</param>
    /// <param name="now">Time of the measurement (UTC).</param>
    /// <param name="terms">What the caller knows.</param>
    public static (ForecastState State, Forecast Forecast, bool IsCapped) At(ForecastState state, TrafficWindow traffic, double? seasonal, DateTimeOffset now, ForecastTerms terms)
    {
        var envelope = Envelope(state, traffic);
        var horizon = Math.Min(terms.HorizonSeconds, HorizonMax);
        var middle = state.Trend?.Ahead(horizon) ?? Math.Log(1 + envelope);
        var cap = envelope * Math.Pow(2, horizon / DoublingSeconds);
        var headroom = state.Surprises.Headroom(terms.MissShare, terms.HorizonSeconds);
        var upper = Math.Exp(middle + headroom) - 1;
        var trend = Math.Min(upper, cap);
        var plain = Math.Max(envelope, trend);
        var trusts = seasonal is not null && state.Skill.TrustsSeason;
        var backlog = Math.Max(0, traffic.QueueRows - terms.RowsInBatches);
        var level = Math.Max(envelope, Math.Min(cap, Math.Exp(middle) - 1));
        var forecast = new Forecast(Math.Max(plain, trusts ? seasonal!.Value : 0), envelope, trend, backlog, BacklogForecast.At(backlog, level, terms), terms.HorizonSeconds) { KeptShare = Math.Exp(headroom) - 1, SeasonalRowsPerSecond = seasonal, TrustsSeason = trusts };
        var expectation = new Expectation(now + TimeSpan.FromSeconds(horizon), horizon, 0, middle, Math.Log(1 + plain), seasonal is { } s ? Math.Log(1 + s) : null);
        return (state with { Expected = Expecting(state.Expected, expectation, horizon) }, forecast, upper > cap);
    }

    /// <summary>The most that the day usually brings from the horizon on; null: not known.</summary>
    public static double? Seasonal(DemandSeason season, DateTimeOffset now, double horizonSeconds) =>
        season.Most(now + TimeSpan.FromSeconds(horizonSeconds), now + TimeSpan.FromSeconds(horizonSeconds) + SeasonAhead);

    /// <summary>
    /// The most of what the windows and the level say, a window only by what lies beyond its own noise: a fluctuation is no demand, what stays is, in the longer window.
    /// </summary>
    private static double Envelope(ForecastState state, TrafficWindow traffic)
    {
        var noise = NoiseDeviations * Math.Sqrt(state.Trend?.Noise ?? 0);
        var level = state.Trend is { } trend ? Math.Exp(trend.Level) - 1 : traffic.Short.RowRate;
        double Beyond(WindowRates window) => window.RowRate / (1 + (noise * Math.Sqrt(traffic.Short.Seconds / window.Seconds)));
        return Math.Max(level, Math.Max(Beyond(traffic.Short), Beyond(traffic.Medium)));
    }

    /// <summary>Forecasts are judged at regular times, so that few need to be kept.</summary>
    private static ImmutableArray<Expectation> Expecting(ImmutableArray<Expectation> expected, Expectation next, double horizonSeconds)
    {
        var pace = horizonSeconds / (ForecastState.ExpectedMax - 2);
        var since = expected.IsEmpty ? pace : (next.For - expected[^1].For).TotalSeconds;
        return since >= pace && expected.Length < ForecastState.ExpectedMax ? expected.Add(next with { Seconds = since }) : expected;
    }
}
