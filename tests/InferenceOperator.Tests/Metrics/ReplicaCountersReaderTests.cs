using InferenceOperator.Metrics;
using InferenceRuntime.Contract;

namespace InferenceOperator.Tests.Metrics;

public sealed class ReplicaCountersReaderTests
{
    private const string Text = """
        # TYPE process_start_time_seconds gauge
        process_start_time_seconds 1000.5
        inference_ready{model="m"} 1
        inference_start_up_seconds{model="m"} 0.75
        inference_requests_total{model="m",outcome="answered"} 10
        inference_requests_total{model="m",outcome="queue_full"} 1
        inference_requests_total{model="m",outcome="expired"} 2
        inference_requests_total{model="m",outcome="failed"} 3
        inference_requests_total{model="m",outcome="invalid"} 100
        inference_slo_requests_total{model="m",slo_seconds="0.05"} 16
        inference_slo_met_total{model="m",slo_seconds="0.05"} 9
        inference_slo_requests_total{model="m",slo_seconds="0.1"} 1000
        inference_slo_met_total{model="m",slo_seconds="0.1"} 1000
        inference_request_seconds_bucket{model="m",le="0.01"} 4
        inference_request_seconds_bucket{model="m",le="0.001"} 1
        inference_request_seconds_bucket{model="m",le="+Inf"} 10
        inference_request_seconds_sum{model="m"} 0.5
        inference_request_seconds_count{model="m"} 10
        inference_phase_seconds_total{model="m",phase="queue"} 1
        inference_phase_seconds_total{model="m",phase="compute"} 2
        inference_phase_seconds_total{model="m",phase="communication"} 3
        inference_phase_seconds_total{model="m",phase="overhead"} 4
        inference_executions_total 5
        inference_execution_rows_total 6
        inference_execution_rows_squared_total 7
        inference_execution_seconds_total 8
        inference_execution_rows_seconds_total 9
        inference_execution_seconds_squared_total 10
        inference_variant_executions_total{variant="full"} 2
        inference_variant_execution_rows_total{variant="full"} 3
        inference_variant_execution_rows_squared_total{variant="full"} 5
        inference_variant_execution_seconds_total{variant="full"} 4
        inference_variant_execution_rows_seconds_total{variant="full"} 6
        inference_variant_execution_seconds_squared_total{variant="full"} 8
        inference_variant_executions_total{variant="student"} 3
        inference_variant_requests_total{variant="student"} 99
        inference_arrival_windows_total 11
        inference_arrivals_total 12
        inference_arrivals_squared_total 13
        inference_arrival_rows_total 14
        inference_queue_requests 15
        inference_queue_rows 16
        inference_requests_in_flight 17
        inference_batch_size_max 18
        inference_batch_delay_max_seconds 0.019
        """;

    [Fact]
    public void Every_series_finds_its_counter()
    {
        var counters = ReplicaCountersReader.Read(PrometheusTextParser.Parse(Text), sloSeconds: 0.05)!;

        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1000.5), counters.ProcessStartedAt);
        Assert.True(counters.Ready);
        Assert.Equal(0.75, counters.StartUpSeconds);
        Assert.Equal((10, 6), (counters.Answered, counters.Refused));
        Assert.Equal((0.05, 16, 9), (counters.SloSeconds, counters.SloRequests, counters.SloMet));
        Assert.Equal(new[] { 0.001, 0.01 }, counters.Latency.UpperBounds);
        Assert.Equal(new double[] { 1, 4 }, counters.Latency.Cumulative);
        Assert.Equal((10, 0.5), (counters.Latency.Count, counters.Latency.Sum));
        Assert.Equal(new(1, 2, 3, 4), counters.Phases);
        Assert.Equal(new(5, 6, 7, 8, 9, 10), counters.Executions);
        Assert.Equal(["full", "student"], counters.Variants.Keys);
        Assert.Equal(new(2, 3, 5, 4, 6, 8), counters.Variants["full"]);
        Assert.Equal(new(3, 0, 0, 0, 0, 0), counters.Variants["student"]);
        Assert.Equal(new(11, 12, 13, 14), counters.Arrivals);
        Assert.Equal((15, 16, 17), (counters.QueueRequests, counters.QueueRows, counters.InFlight));
        Assert.Equal((18, 0.019), (counters.BatchSizeMax, counters.BatchDelayMaxSeconds));
    }

    [Fact]
    public void No_more_variants_are_read_than_a_replica_can_have()
    {
        var text = string.Concat(Enumerable.Range(0, 100).Select(static i => $"inference_variant_executions_total{{variant=\"v{i}\"}} 1\n"));

        var counters = ReplicaCountersReader.Read(PrometheusTextParser.Parse("process_start_time_seconds 1\n" + text), sloSeconds: null)!;

        Assert.Equal(ServingShares.VariantsMax, counters.Variants.Count);
    }

    [Fact]
    public void Another_threshold_than_the_one_asked_for_does_not_count() =>
        Assert.Equal((null, 0), Of(ReplicaCountersReader.Read(PrometheusTextParser.Parse(Text), sloSeconds: 0.2)!));

    [Fact]
    public void Without_the_start_of_the_process_there_are_no_counters() =>
        Assert.Null(ReplicaCountersReader.Read(PrometheusTextParser.Parse("inference_ready 1\n"), sloSeconds: null));

    private static (double?, double) Of(Core.Observation.RuntimeCounters counters) => (counters.SloSeconds, counters.SloRequests);
}
