using System.Text.Json;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Tests.Plants;
using Xunit.Abstractions;

namespace InferenceOperator.Core.Tests.Forecasting;

public sealed class DemandForecastTests(ITestOutputHelper output)
{
    private const double Step = 5;
    private const double Horizon = 40;

    private static readonly ForecastTerms Terms = new(Horizon, 64, 0, [], MissShare: 0.01);

    [Fact]
    public void Constant_demand_is_expected_to_stay_and_less_is_kept_for_surprises_the_longer_there_is_none()
    {
        var forecasts = Story(_ => 1000, 24 * 3600).Select(f => f.Forecast).ToList();

        output.WriteLine($"{forecasts[0].RowsPerSecond:0} at first, {forecasts[720].RowsPerSecond:0} after an hour, {forecasts[^1].RowsPerSecond:0} after a day");
        Assert.All(forecasts, f => Assert.Equal(1000, f.EnvelopeRowsPerSecond, 6));
        Assert.InRange(forecasts[0].RowsPerSecond, 1200, 1250);
        Assert.InRange(forecasts[^1].RowsPerSecond, 1000, 1055);
    }

    [Fact]
    public void Growth_is_carried_to_the_horizon()
    {
        static double Ramp(double t) => 500 * Math.Pow(2, t / 180);

        var forecast = Last(Ramp, 400);

        output.WriteLine($"{Ramp(400):0} now, {Ramp(400 + Horizon):0} at the horizon, {forecast.RowsPerSecond:0} expected");
        Assert.InRange(forecast.RowsPerSecond / Ramp(400 + Horizon), 1, 1.2);
    }

    [Fact]
    public void A_step_that_has_levelled_off_is_no_trend()
    {
        foreach (var after in new[] { 20, 40, 90, 300 })
        {
            var forecast = Last(t => t < 600 ? 500 : 2000, 600 + after);

            output.WriteLine($"{after} s after: {forecast.RowsPerSecond:0}");
            Assert.InRange(forecast.RowsPerSecond, 2200, 2600);
        }
    }

    [Fact]
    public void Falling_demand_is_planned_for_as_what_comes_now_and_what_is_kept_for_surprises() =>
        Assert.InRange(Last(t => 2000 - (3 * t), 300).RowsPerSecond, 1100, 1350);

    [Fact]
    public void Noise_is_no_demand_and_a_step_beyond_it_is()
    {
        const int seed = 23;
        var random = new Random(seed);
        var factors = Enumerable.Range(0, 400).Select(_ => 0.8 + (0.4 * random.NextDouble())).ToArray();
        double Noisy(double t) => 1000 * factors[(int)(t / Step)] * (t > 1500 ? 2 : 1);

        var story = Story(Noisy, 1600).ToList();
        var calm = story.Where(f => f.At is > 300 and <= 1500).Select(f => f.Forecast.EnvelopeRowsPerSecond).ToList();

        output.WriteLine($"seed {seed}: {calm.Min():0} to {calm.Max():0}; 15 s after the step {story.First(f => f.At >= 1515).Forecast.EnvelopeRowsPerSecond:0}");
        Assert.InRange(calm.Max(), 950, 1150);
        Assert.True(story.First(f => f.At >= 1515).Forecast.EnvelopeRowsPerSecond > 1600);
    }

    [Fact]
    public void Growth_is_capped_at_doubling_in_half_a_minute()
    {
        var state = ForecastState.None;
        var capped = false;
        for (var t = 0.0; t < 300; t += Step)
        {
            var now = 10 * Math.Exp(t / 20);
            (state, var forecast, var bites) = Take(state, _ => now, t);
            capped |= bites;
            Assert.True(forecast.RowsPerSecond <= forecast.EnvelopeRowsPerSecond * Math.Pow(2, Horizon / 30) * 1.0001);
        }

        Assert.True(capped);
    }

    [Fact]
    public void Jumps_that_come_often_are_planned_for_and_a_single_one_is_not()
    {
        static double Often(double t) => t > 0 && (int)(t / 900) % 2 == 1 ? 1333 : 1000;
        static double Once(double t) => t > 3600 ? 1333 : 1000;

        double Kept(Func<double, double> rate) => Story(rate, 3 * 3600).Last().Forecast.KeptShare;

        output.WriteLine($"kept: {Kept(Often):0.00} with a third more every half an hour, {Kept(Once):0.00} with a third more once, {Kept(_ => 1000):0.00} in calm");
        Assert.InRange(Kept(Often), 0.33, 0.45);
        Assert.InRange(Kept(Once), 0, 0.25);
        Assert.True(Kept(_ => 1000) <= Kept(Once));
    }

    [Fact]
    public void Who_was_often_surprised_plans_for_less_once_calm_has_lasted()
    {
        // Every minute or two the rate goes up by a third for half a minute.
        static double Bursts(double t) => t < 3600 && t % 90 < 30 ? 1333 : 1000;
        var states = States(Bursts, 24 * 3600).ToList();

        var (bursts, calm) = (states[719].Surprises.Headroom(0.01, Horizon), states[^1].Surprises.Headroom(0.01, Horizon));
        output.WriteLine($"headroom {bursts:0.00} under bursts, {calm:0.00} after a day of calm");
        Assert.InRange(bursts, 0.2, 0.35);
        Assert.True(calm < 0.5 * bursts);
    }

    [Fact]
    public void The_longer_the_horizon_and_the_fewer_misses_are_allowed_the_more_is_kept()
    {
        var seen = States(t => (int)(t / 600) % 2 == 1 ? 1200 : 1000, 7200).Last().Surprises;

        Assert.True(seen.Headroom(0.01, 100) >= seen.Headroom(0.01, 40));
        Assert.True(seen.Headroom(0.01, 40) >= seen.Headroom(0.01, 4));
        Assert.True(seen.Headroom(0.001, 40) >= seen.Headroom(0.01, 40));
        Assert.Equal(0, SurpriseHistogram.Never.Headroom(0.001, 1000));
    }

    [Fact]
    public void A_daily_peak_is_planned_for_before_it_comes_once_it_has_come_before()
    {
        static double Daily(double t) => t % 86_400 is > 43_200 and < 50_000 ? 3000 : 1000 + (200 * Math.Sin(t * Math.PI / 43_200));

        var days = new[] { 0, 1, 2, 3 }.Select(d => (d * 86_400) + 43_200 - 30.0).ToList();
        var before = Story(Daily, (3 * 86_400) + 43_200).Where(f => days.Contains(f.At)).Select(f => f.Forecast).ToList();

        output.WriteLine(string.Join(", ", before.Select(f => $"{f.RowsPerSecond:0} (season {f.SeasonalRowsPerSecond:0}, {(f.TrustsSeason ? "trusted" : "not trusted")})")));
        Assert.Null(before[0].SeasonalRowsPerSecond);
        Assert.True(before[3].TrustsSeason);
        Assert.InRange(before[3].RowsPerSecond, 2900, 3200);
    }

    [Fact]
    public void Days_that_have_nothing_in_common_are_not_planned_by()
    {
        const int seed = 21;
        var random = new Random(seed);
        var hours = Enumerable.Range(0, 24 * 5).Select(_ => 500 + (2000 * random.NextDouble())).ToArray();

        var trusted = Story(t => hours[(int)(t / 3600)], 4 * 86_400).Where(f => f.At > 2 * 86_400).Count(f => f.Forecast.TrustsSeason);

        output.WriteLine($"seed {seed}: trusted {trusted} times");
        Assert.Equal(0, trusted);
    }

    [Fact]
    public void After_a_long_gap_the_trend_begins_anew()
    {
        var state = States(t => 100 + t, 600).Last();

        var trend = state.Trend!.After(Time(900), 50, 1e-3);

        Assert.Equal((Math.Log(51), 0), (trend.Level, trend.Slope));
    }

    [Fact]
    public void A_record_holds_all_that_its_forecast_rests_on()
    {
        var plant = new Plant(seed: 22, Agents.Of()) { Rate = t => 500 + (400 * Math.Sin(t / 60)) + (t > 200 ? 900 : 0) };
        plant.Run(400);

        foreach (var record in plant.Steps.Select(s => s.Step.Decision).Where(d => d.Forecast is not null))
        {
            var read = JsonSerializer.Deserialize(JsonSerializer.Serialize(record, AgentJson.Default.DecisionRecord), AgentJson.Default.DecisionRecord)!;
            var (basis, traffic) = (read.Basis, ((Measurement.Measured)read.Basis.Measurement).Traffic);

            var again = DemandForecast.At(basis.Forecast!.State, traffic, basis.Forecast.Seasonal, basis.Measurement.SampledAt!.Value, basis.Forecast.Terms);

            Assert.Equal(record.Forecast, RecordFigures.Rounded(again.Forecast));
        }
    }

    [Fact]
    public void A_season_survives_being_written_and_read()
    {
        var season = DemandSeason.Unknown;
        for (var t = 0; t < 7200; t += 5)
        {
            season = season.After(Time(t), t);
        }

        var read = JsonSerializer.Deserialize(JsonSerializer.Serialize(season, AgentJson.Default.DemandSeason), AgentJson.Default.DemandSeason);

        Assert.Equal(season, read);
        Assert.Null(season.Most(Time(7000), Time(8000)));
        Assert.InRange(season.Most(Time(3600), Time(4200))!.Value, 4200, 4260);
    }

    private static Forecast Last(Func<double, double> rate, double until) => Story(rate, until).Last().Forecast;

    private static IEnumerable<ForecastState> States(Func<double, double> rate, double until)
    {
        var state = ForecastState.None;
        for (var t = 0.0; t <= until; t += Step)
        {
            (state, _, _) = Take(state, rate, t);
            yield return state;
        }
    }

    private static IEnumerable<(double At, Forecast Forecast)> Story(Func<double, double> rate, double until)
    {
        var (state, season) = (ForecastState.None, DemandSeason.Unknown);
        for (var t = 0.0; t <= until; t += Step)
        {
            season = season.After(Time(t), Rate(rate, t, 5));
            (state, var forecast, _) = Take(state, rate, t, DemandForecast.Seasonal(season, Time(t), Horizon));
            yield return (t, forecast);
        }
    }

    private static (ForecastState State, Forecast Forecast, bool IsCapped) Take(ForecastState state, Func<double, double> rate, double t, double? seasonal = null)
    {
        WindowRates Window(double seconds) => new(seconds, Rate(rate, t, seconds), Rate(rate, t, seconds), Rate(rate, t, seconds), 0, 0);
        var traffic = new TrafficWindow { Short = Window(5), Medium = Window(15), Long = Window(60) };
        return DemandForecast.At(DemandForecast.Observe(state, traffic, Time(t)), traffic, seasonal, Time(t), Terms);
    }

    /// <summary>Mean of the rate over a window that ends at t.</summary>
    private static double Rate(Func<double, double> rate, double t, double seconds) =>
        Enumerable.Range(0, (int)(seconds / 5)).Select(i => rate(Math.Max(0, t - (i * 5) - 2.5))).Average();

    private static DateTimeOffset Time(double seconds) => new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero) + TimeSpan.FromSeconds(seconds);
}
