using InferenceOperator.Core.Queueing;
using Xunit.Abstractions;

namespace InferenceOperator.Core.Tests.Queueing;

public sealed class BatchQueueTests(ITestOutputHelper output)
{
    private static double Service(double rows) => 0.006 + (0.0005 * rows);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    public void The_chain_predicts_the_99th_percentile_within_six_percent_of_the_simulation(int maxBatch)
    {
        foreach (var load in new[] { 0.3, 0.5, 0.7, 0.85, 0.95 })
        {
            var rate = load * maxBatch / Service(maxBatch);
            var simulated = BatchServerSimulation.Quantile(BatchServerSimulation.Latencies(seed: 7, rate, maxBatch, Service), 0.99);

            var predicted = Queue(maxBatch).Latency(rate)!.Quantile(0.99);

            output.WriteLine($"seed 7, b {maxBatch}, load {load}: simulated {simulated * 1e3:0.00} ms, predicted {predicted * 1e3:0.00} ms, {predicted / simulated - 1:+0.0%;-0.0%}");
            Assert.InRange(predicted / simulated, 0.94, 1.06);
        }
    }

    [Theory]
    [InlineData(8, 0.1)]
    [InlineData(32, 0.2)]
    public void Noise_of_the_service_time_is_in_the_prediction(int maxBatch, double noise)
    {
        var rate = 0.8 * maxBatch / Service(maxBatch);
        var simulated = BatchServerSimulation.Quantile(BatchServerSimulation.Latencies(seed: 11, rate, maxBatch, Service, noise), 0.99);

        var predicted = new BatchQueue(new BatchService(maxBatch, Service, noise, 1, 1), 1).Latency(rate)!.Quantile(0.99);

        output.WriteLine($"seed 11: simulated {simulated}, predicted {predicted}");
        Assert.InRange(predicted / simulated, 0.94, 1.06);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    public void Bursts_are_in_the_prediction(int maxBatch)
    {
        const double burst = 3;
        var rate = 0.6 * maxBatch / Service(maxBatch);
        var simulated = BatchServerSimulation.Quantile(BatchServerSimulation.Latencies(seed: 13, rate, maxBatch, Service, burst: burst), 0.99);

        var predicted = new BatchQueue(new BatchService(maxBatch, Service, 0, 1, (2 * burst) - 1), (2 * burst) - 1).Latency(rate)!.Quantile(0.99);

        output.WriteLine($"seed 13: simulated {simulated}, predicted {predicted}");
        Assert.InRange(predicted / simulated, 0.85, 1.15);
    }

    [Fact]
    public void Capacity_grows_with_the_batch_limit_until_two_batches_fill_the_target()
    {
        var capacities = new[] { 1, 4, 8, 16, 32, 38, 64 }.Select(b => Queue(b).Capacity(0.050, 0.99)).ToArray();

        output.WriteLine(string.Join(", ", capacities.Select(c => c.ToString("0"))));
        double[] reference = [108, 455, 757, 1093, 1360, 1386, 1390];
        foreach (var (found, expected) in capacities.Zip(reference))
        {
            Assert.InRange(found / expected, 0.94, 1.06);
        }
    }

    [Fact]
    public void A_target_below_one_execution_has_no_capacity() => Assert.Equal(0, Queue(8).Capacity(0.005, 0.99));

    [Fact]
    public void More_than_the_server_can_do_has_no_latency() => Assert.Null(Queue(4).Latency(501));

    [Fact]
    public void Batches_beyond_the_largest_chain_are_never_promised_more_than_they_can()
    {
        var capacity = Queue(256).Capacity(0.5, 0.99);

        var simulated = BatchServerSimulation.Quantile(BatchServerSimulation.Latencies(seed: 17, capacity, 256, Service), 0.99);

        output.WriteLine($"seed 17: capacity {capacity}, simulated p99 {simulated}");
        Assert.InRange(simulated, 0.1, 0.5);
    }

    private static BatchQueue Queue(int maxBatch) => new(new BatchService(maxBatch, Service, 0, 1, 1), 1);
}
