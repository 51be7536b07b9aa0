using System.Collections.Immutable;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Tests.Observation;

public sealed class CounterHistoryTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly CounterHistory _history = new();

    [Fact]
    public void Without_a_ready_replica_nothing_is_known() =>
        Assert.Equal(UnknownReason.NoReadyReplica, Unknown(Observe(60)).Reason);

    [Fact]
    public void Without_a_sample_nothing_is_known() =>
        Assert.Equal(UnknownReason.NoSample, Unknown(Observe(60, "a")).Reason);

    [Fact]
    public void Steady_counters_give_their_rate_in_every_window()
    {
        Fill("a", 0, 100, rate: 20);

        var traffic = Measured(Observe(100, "a"));

        Assert.Equal(20, traffic.Short.RequestRate, 6);
        Assert.Equal(20, traffic.Medium.RequestRate, 6);
        Assert.Equal(20, traffic.Long.RequestRate, 6);
        Assert.Equal(60, traffic.Long.Seconds, 6);
        Assert.Equal(1, traffic.Long.Attainment);
    }

    [Fact]
    public void Windows_are_cut_to_the_second_between_samples()
    {
        Fill("a", 0, 50, rate: 10);
        Fill("a", 50, 60, rate: 40, from: 500);

        var traffic = Measured(Observe(60, "a"));

        Assert.Equal(40, traffic.Short.RequestRate, 6);
        Assert.Equal(30, traffic.Medium.RequestRate, 6);
        Assert.Equal(15, traffic.Long.RequestRate, 6);
    }

    [Fact]
    public void A_sample_that_is_already_known_brings_nothing_whoever_gives_it()
    {
        Fill("a", 0, 60, rate: 20);
        var executions = _history.TakeNewExecutions();

        Assert.False(_history.Add(Sample("a", 60, 1200, source: MetricSource.Prometheus)));
        Assert.False(_history.Add(Sample("a", 30, 600)));

        Assert.True(executions.Count > 0);
        Assert.Equal(default, _history.TakeNewExecutions());
        Assert.Equal(20, Measured(Observe(60, "a")).Long.RequestRate, 6);
    }

    [Fact]
    public void A_counter_reset_counts_from_the_restart()
    {
        Fill("a", 0, 60, rate: 20);
        for (var t = 65; t <= 120; t += 5)
        {
            _history.Add(Sample("a", t, (t - 62) * 20, startedAt: 62));
        }

        Assert.InRange(Measured(Observe(120, "a")).Long.RequestRate, 19, 20.5);
    }

    [Fact]
    public void A_new_replica_counts_from_its_first_sample_and_from_zero_when_it_has_just_started()
    {
        Fill("a", 0, 60, rate: 20);
        _history.Add(Sample("b", 60, 100, startedAt: 50));

        var traffic = Measured(Observe(60, "a", "b"));

        Assert.Equal(20 + (100 / 60.0), traffic.Long.RequestRate, 6);
        Assert.Equal(30, traffic.Short.RequestRate, 6);
    }

    [Fact]
    public void A_replica_that_is_gone_keeps_its_share_of_the_window()
    {
        Fill("a", 0, 60, rate: 20);
        Fill("b", 0, 30, rate: 20);

        var traffic = Measured(Observe(60, "a"));

        Assert.Equal(30, traffic.Long.RequestRate, 6);
        Assert.Equal(20, traffic.Short.RequestRate, 6);
    }

    [Fact]
    public void A_ready_replica_without_a_sample_makes_it_unknown_and_is_named()
    {
        Fill("a", 0, 60, rate: 20);

        var unknown = Unknown(Observe(60, "a", "b"));

        Assert.Equal(UnknownReason.ReplicaMissing, unknown.Reason);
        Assert.Contains("b", unknown.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_replica_that_became_ready_a_moment_ago_may_be_without_a_sample()
    {
        Fill("a", 0, 60, rate: 20);

        var measurement = _history.Observe([Ready("a", -100), Ready("b", 55)], At(60), Interval, 0.99);

        Assert.IsType<Measurement.Measured>(measurement);
    }

    [Fact]
    public void A_stale_replica_makes_it_unknown_after_two_intervals()
    {
        Fill("a", 0, 60, rate: 20);

        Assert.IsType<Measurement.Measured>(Observe(70, "a"));
        Assert.Equal(UnknownReason.Stale, Unknown(Observe(71, "a")).Reason);
        Assert.Equal(TimeSpan.FromSeconds(11), Observe(71, "a").AgeAt(At(71)));
    }

    [Fact]
    public void A_source_that_is_steadily_a_minute_late_is_measured_with_its_age_until_it_is_not_renewed()
    {
        Late(0, 200, age: 60);

        var measured = Observe(200, "a");
        Assert.Equal(20, Measured(measured).Long.RequestRate, 6);
        Assert.Equal(TimeSpan.FromSeconds(60), measured.AgeAt(At(200)));
        Assert.IsType<Measurement.Measured>(Observe(210, "a"));
        Assert.Equal(UnknownReason.Stale, Unknown(Observe(211, "a")).Reason);
    }

    [Fact]
    public void A_source_that_falls_behind_is_stale_until_its_delay_has_become_usual()
    {
        Late(0, 100, age: 0);
        Late(100, 160, age: 60);

        Assert.Equal(UnknownReason.Stale, Unknown(Observe(160, "a")).Reason);

        Late(165, 200, age: 60);
        Assert.IsType<Measurement.Measured>(Observe(200, "a"));
    }

    [Fact]
    public void A_source_whose_samples_get_older_and_older_stays_stale()
    {
        for (var t = 0; t <= 300; t += 5)
        {
            _history.Add(Sample("a", t / 3.0, t / 3.0 * 20));
            Observe(t, "a");
        }

        Assert.Equal(UnknownReason.Stale, Unknown(Observe(300, "a")).Reason);
    }

    [Fact]
    public void More_than_two_minutes_late_is_stale_however_steady()
    {
        Late(0, 400, age: 130);

        Assert.Equal(UnknownReason.Stale, Unknown(Observe(400, "a")).Reason);
    }

    [Fact]
    public void With_a_late_source_a_new_replica_may_be_without_a_sample_for_as_long()
    {
        Late(0, 200, age: 60);

        Assert.IsType<Measurement.Measured>(_history.Observe([Ready("a", -100), Ready("b", 140)], At(200), Interval, 0.99));
        Assert.Equal(UnknownReason.ReplicaMissing, Unknown(_history.Observe([Ready("a", -100), Ready("b", 120)], At(200), Interval, 0.99)).Reason);
    }

    [Fact]
    public void Windows_before_a_replica_served_and_those_of_large_batches_say_nothing_of_burstiness()
    {
        // 20 arrivals in each window of 100 ms, to the one; first for half a minute none.
        for (var t = 0; t <= 60; t += 5)
        {
            _history.Add(Counted("a", t, startedAt: -30, windows: (30 + t) * 10, arrivals: t * 200, squares: t * 10 * 400, rows: 2));
        }

        Assert.Equal(0, Measured(Observe(60, "a")).Dispersion!.Value, 6);

        // Then batches of 60 rows in 40 ms, and windows of 0 or 40.
        for (var t = 65; t <= 130; t += 5)
        {
            _history.Add(Counted("a", t, startedAt: -30, windows: (30 + t) * 10, arrivals: t * 200, squares: (60 * 10 * 400) + ((t - 60) * 10 * 800), rows: 60));
        }

        Assert.Equal(0, Measured(Observe(130, "a")).Dispersion!.Value, 6);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1)]
    public void A_value_that_is_no_count_makes_it_unknown_until_a_good_one_comes(double value)
    {
        Fill("a", 0, 55, rate: 20);
        _history.Add(Sample("a", 60, value));

        Assert.Equal(UnknownReason.NotFinite, Unknown(Observe(60, "a")).Reason);

        _history.Add(Sample("a", 65, 1300));
        Assert.IsType<Measurement.Measured>(Observe(65, "a"));
    }

    [Fact]
    public void A_sample_from_the_future_is_a_contradiction()
    {
        Fill("a", 0, 60, rate: 20);

        Assert.Equal(UnknownReason.Contradictory, Unknown(Observe(50, "a")).Reason);
    }

    [Fact]
    public void Idle_is_proven_by_fresh_replicas_without_arrivals_and_empty_queues()
    {
        Fill("a", 0, 60, rate: 0);
        Fill("b", 0, 60, rate: 0);

        Assert.IsType<Measurement.Idle>(Observe(60, "a", "b"));
    }

    [Fact]
    public void One_row_in_a_queue_is_not_idle()
    {
        Fill("a", 0, 55, rate: 0);
        _history.Add(Sample("a", 60, 0, queue: 1));

        Assert.IsType<Measurement.Measured>(Observe(60, "a"));
    }

    [Fact]
    public void One_request_a_minute_ago_is_not_idle()
    {
        Fill("a", 0, 10, rate: 0);
        Fill("a", 10, 70, rate: 0, from: 1);

        Assert.IsType<Measurement.Measured>(Observe(70, "a"));
    }

    [Fact]
    public void A_single_sample_of_nothing_is_not_idle()
    {
        _history.Add(Sample("a", 60, 0));

        Assert.IsType<Measurement.Unknown>(Observe(60, "a"));
    }

    [Fact]
    public void A_new_replica_that_was_not_measured_yet_forbids_to_call_it_idle()
    {
        Fill("a", 0, 60, rate: 0);

        Assert.IsType<Measurement.Unknown>(_history.Observe([Ready("a", -100), Ready("b", 55)], At(60), Interval, 0.99));
    }

    [Fact]
    public void Executions_are_counted_by_variant_from_the_second_sample_on_and_from_zero_after_a_restart()
    {
        _history.Add(Several("a", 50, ("full", 100), ("student", 10)));
        Assert.Empty(_history.TakeNewVariantExecutions());

        _history.Add(Several("a", 60, ("full", 130), ("student", 10)));
        var first = _history.TakeNewVariantExecutions();
        Assert.Equal(["full"], first.Keys);
        Assert.Equal(30, first["full"].Count);
        Assert.Empty(_history.TakeNewVariantExecutions());

        _history.Add(Several("a", 70, startedAt: 62, ("full", 4), ("student", 7)));
        Assert.Equal(7, _history.TakeNewVariantExecutions()["student"].Count);
    }

    [Fact]
    public void A_variant_is_resident_when_every_replica_that_was_measured_has_it()
    {
        _history.Add(Several("a", 50, ("full", 1), ("student", 1), ("tiny", 1)));
        Assert.Equal(["student", "tiny"], _history.ResidentVariants(["a", "never-seen"]));

        _history.Add(Several("b", 50, ("full", 1), ("student", 1)));
        Assert.Equal(["student"], _history.ResidentVariants(["a", "b"]));

        _history.Add(Sample("c", 50, 0));
        Assert.Empty(_history.ResidentVariants(["a", "b", "c"]));
        Assert.Empty(_history.ResidentVariants([]));
    }

    [Fact]
    public void A_sum_of_a_variant_that_is_no_number_makes_the_sample_unusable()
    {
        var sample = Several("a", 50, ("full", double.NaN));

        Assert.False(_history.Add(sample));
    }

    [Fact]
    public void However_many_samples_come_few_are_kept()
    {
        for (var r = 0; r < CounterHistory.ReplicasMax + 100; r++)
        {
            _history.Add(Sample($"replica-{r}", r * 0.01, 0));
        }

        Fill("a", 100, 3700, rate: 20);
        _history.Trim(At(3700));

        Assert.Equal(20, Measured(Observe(3700, "a")).Long.RequestRate, 6);
    }

    private Measurement Observe(double at, params string[] ready) => _history.Observe([.. ready.Select(r => Ready(r, -100))], At(at), Interval, 0.99);

    private void Fill(string replica, int begin, int end, double rate, double from = 0)
    {
        for (var t = begin; t <= end; t += 5)
        {
            _history.Add(Sample(replica, t, from + ((t - begin) * rate)));
        }
    }

    /// <summary>Looks every 5 s, each time at a sample of so long ago.</summary>
    private void Late(int begin, int end, double age)
    {
        for (var t = begin; t <= end; t += 5)
        {
            _history.Add(Sample("a", t - age, (t - age + 1000) * 20));
            if (t < end)
            {
                Observe(t, "a");
            }
        }
    }

    private static ReplicaSample Counted(string replica, double at, double startedAt, double windows, double arrivals, double squares, double rows)
    {
        var sample = Sample(replica, at, arrivals, startedAt);
        var executions = arrivals / rows;
        return sample with
        {
            Counters = sample.Counters with
            {
                Arrivals = new(windows, arrivals, squares, arrivals),
                Executions = new(executions, arrivals, arrivals * rows, executions * rows * 0.00067, arrivals * rows * 0.00067, executions * rows * rows * 0.00067 * 0.00067),
            },
        };
    }

    private static ReplicaObservation Ready(string name, double since) => new(name, ReplicaPhase.Ready, At(since));

    private static ReplicaSample Sample(string replica, double at, double requests, double startedAt = -1000, double queue = 0, MetricSource source = MetricSource.Scrape) =>
        new(replica, At(at), source, new RuntimeCounters
        {
            ProcessStartedAt = At(startedAt),
            Ready = true,
            Answered = requests,
            SloSeconds = 0.05,
            SloRequests = requests,
            SloMet = requests,
            Executions = new(requests, requests, requests, requests * 0.006, requests * 0.006, requests * 0.000036),
            Arrivals = new((at - startedAt) * 10, requests, requests, requests),
            QueueRequests = queue,
            QueueRows = queue,
            BatchSizeMax = 8,
        });

    private static ReplicaSample Several(string replica, double at, params (string Variant, double Executions)[] variants) => Several(replica, at, -1000, variants);

    private static ReplicaSample Several(string replica, double at, double startedAt, params (string Variant, double Executions)[] variants)
    {
        var sample = Sample(replica, at, 100, startedAt);
        var sums = variants.ToImmutableSortedDictionary(static v => v.Variant, static v => new ExecutionSums(v.Executions, v.Executions, v.Executions, v.Executions, v.Executions, v.Executions), StringComparer.Ordinal);
        return sample with { Counters = sample.Counters with { Variants = sums } };
    }

    private static DateTimeOffset At(double seconds) => Start + TimeSpan.FromSeconds(seconds);

    private static TrafficWindow Measured(Measurement measurement) => Assert.IsType<Measurement.Measured>(measurement).Traffic;

    private static Measurement.Unknown Unknown(Measurement measurement) => Assert.IsType<Measurement.Unknown>(measurement);
}
