using InferenceOperator.Core.Forecasting;

namespace InferenceOperator.Core.Tests.Forecasting;

public sealed class BacklogForecastTests
{
    [Fact]
    public void Replicas_on_their_way_work_a_backlog_off_before_others_could_come()
    {
        // 1,000 rows wait and 200 rows/s too much come for 10 s; then two more replicas take 300 rows/s off it for 25 s.
        var ahead = BacklogForecast.At(1000, 1200, Terms(35, (0, 4), (10, 6)));

        Assert.Equal(0, ahead);
    }

    [Fact]
    public void What_too_few_replicas_leave_piles_up_until_the_horizon() =>
        Assert.Equal(1000 + (35 * 200), BacklogForecast.At(1000, 1200, Terms(35, (0, 4))), 6);

    [Fact]
    public void What_came_since_a_late_measurement_counts_with_who_served_meanwhile() =>
        Assert.Equal(9000 + (30 * 300) - (30 * 450) + (30 * 50), BacklogForecast.At(9000, 800, Terms(90, (0, 2), (30, 5), (60, 3))), 6);

    [Fact]
    public void Without_knowing_how_fast_replicas_are_what_waits_is_what_is_known() =>
        Assert.Equal(500, BacklogForecast.At(500, 1200, new ForecastTerms(35, 64, 0, [new(0, 4)], 0.01)));

    private static ForecastTerms Terms(double horizon, params ReadOnlySpan<(double At, int Ready)> supply)
    {
        var steps = new SupplyStep[supply.Length];
        for (var i = 0; i < supply.Length; i++)
        {
            steps[i] = new(supply[i].At, supply[i].Ready);
        }

        return new(horizon, 64, 250, [.. steps], 0.01);
    }
}
