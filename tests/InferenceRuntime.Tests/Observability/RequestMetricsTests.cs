using InferenceRuntime.Contract;
using InferenceRuntime.Observability;

namespace InferenceRuntime.Tests.Observability;

public sealed class RequestMetricsTests
{
    [Fact]
    public void The_outcomes_are_those_of_the_contract() =>
        Assert.Equal(
            RequestOutcomes.All,
            Enum.GetNames<RequestOutcome>().Select(static n => string.Concat(n.Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{c}")).ToLowerInvariant()));

    [Fact]
    public void A_latency_on_a_bound_counts_below_it_and_one_tick_more_above()
    {
        var metrics = new RequestMetrics(slo: null);
        var bound = TimeSpan.FromSeconds(MetricBuckets.Seconds[3]);

        End(metrics, RequestOutcome.Answered, bound);
        End(metrics, RequestOutcome.Answered, bound + TimeSpan.FromTicks(1));
        End(metrics, RequestOutcome.Answered, TimeSpan.FromHours(1));
        End(metrics, RequestOutcome.Failed, TimeSpan.FromHours(1));

        var snapshot = metrics.Snapshot();
        Assert.Equal(1, snapshot.LatencyCounts[3]);
        Assert.Equal(1, snapshot.LatencyCounts[4]);
        Assert.Equal(1, snapshot.LatencyCounts[^1]);
        Assert.Equal((2 * bound) + TimeSpan.FromTicks(1) + TimeSpan.FromHours(1), snapshot.LatencySum);
        Assert.Equal(3, snapshot.Outcomes[(int)RequestOutcome.Answered]);
        Assert.Equal(1, snapshot.Outcomes[(int)RequestOutcome.Failed]);
        Assert.Equal(0, snapshot.InFlight);
    }

    [Fact]
    public void Attainment_counts_what_the_SLO_counts()
    {
        var metrics = new RequestMetrics(new SloSettings { TargetMs = 50 });

        End(metrics, RequestOutcome.Answered, TimeSpan.FromMilliseconds(50));
        End(metrics, RequestOutcome.Answered, TimeSpan.FromMilliseconds(50.1));
        foreach (var outcome in Enum.GetValues<RequestOutcome>().Where(static o => o != RequestOutcome.Answered))
        {
            End(metrics, outcome, TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(new SloCount(0.05, Requests: 5, Met: 1), Assert.Single(metrics.Snapshot().Slo));
    }

    [Fact]
    public void An_SLO_that_comes_back_goes_on_counting_and_old_ones_are_bounded()
    {
        var metrics = new RequestMetrics(new SloSettings { TargetMs = 10 });
        End(metrics, RequestOutcome.Answered, TimeSpan.Zero);
        metrics.SetSlo(new SloSettings { TargetMs = 20 });
        End(metrics, RequestOutcome.Answered, TimeSpan.Zero);
        metrics.SetSlo(null);
        End(metrics, RequestOutcome.Answered, TimeSpan.Zero);
        metrics.SetSlo(new SloSettings { TargetMs = 10 });
        End(metrics, RequestOutcome.Answered, TimeSpan.Zero);

        Assert.Equal([new SloCount(0.02, 1, 1), new SloCount(0.01, 2, 2)], metrics.Snapshot().Slo.ToArray());

        for (var i = 0; i < 20; i++)
        {
            metrics.SetSlo(new SloSettings { TargetMs = 100 + i });
        }

        Assert.Equal(RequestMetrics.SloSeriesMax, metrics.Snapshot().Slo.Length);
    }

    [Fact]
    public async Task Nothing_is_lost_when_many_threads_count()
    {
        var metrics = new RequestMetrics(new SloSettings { TargetMs = 1 });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                End(metrics, RequestOutcome.Answered, TimeSpan.FromMicroseconds(i));
            }
        })));

        var snapshot = metrics.Snapshot();
        Assert.Equal(80_000, snapshot.Outcomes[0]);
        Assert.Equal(80_000, snapshot.LatencyCounts.Sum());
        Assert.Equal(TimeSpan.FromMicroseconds(8 * 10_000L * 9_999 / 2), snapshot.LatencySum);
        Assert.Equal(new SloCount(0.001, 80_000, 8 * 1001), snapshot.Slo[0]);
    }

    private static void End(RequestMetrics metrics, RequestOutcome outcome, TimeSpan latency)
    {
        metrics.Begin();
        metrics.End(outcome, latency);
    }
}
