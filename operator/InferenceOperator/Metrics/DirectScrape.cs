using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Workloads;
using InferenceRuntime.Contract;

namespace InferenceOperator.Metrics;

/// <summary>Reads the counters from the replicas themselves.</summary>
/// <param name="client">Speaks to replicas.</param>
/// <param name="interval">How often it is asked: the control loop's tick.</param>
/// <param name="time">The clock.</param>
internal sealed class DirectScrape(ReplicaClient client, TimeSpan interval, TimeProvider time) : IMetricSource
{
    // Replicas of one agent that are asked at the same time; the others wait their turn.
    private const int AtOnceMax = 16;

    public TimeSpan Interval => interval;

    public async ValueTask<MetricReading> ReadAsync(
        InferenceAgent agent, ImmutableArray<ReplicaAccess> replicas, CancellationToken cancellationToken)
    {
        var slo = agent.Spec.Slo?.Latency.Target.Seconds;
        var samples = ImmutableArray.CreateBuilder<ReplicaSample>();
        string? failure = null;
        foreach (var some in replicas.Where(replica => replica.Phase is ReplicaPhase.Ready).Chunk(AtOnceMax))
        {
            foreach (var (sample, fault) in await Task.WhenAll(some.Select(replica => ScrapeAsync(replica, slo, cancellationToken))).ConfigureAwait(false))
            {
                if (sample is not null)
                {
                    samples.Add(sample);
                }

                failure ??= fault;
            }
        }

        return new MetricReading(samples.ToImmutable(), failure);
    }

    private async Task<(ReplicaSample? Sample, string? Fault)> ScrapeAsync(ReplicaAccess replica, double? sloSeconds, CancellationToken cancellationToken)
    {
        try
        {
            var text = await client.GetMetricsAsync(replica.Metrics, cancellationToken).ConfigureAwait(false);
            var at = time.GetUtcNow();
            return ReplicaCountersReader.Read(PrometheusTextParser.Parse(text), sloSeconds) is { } counters
                ? (new ReplicaSample(replica.Name, at, MetricSource.Scrape, counters), null)
                : (null, $"replica {replica.Name}: its metrics lack {MetricNames.ProcessStartTimeSeconds}");
        }
        catch (Exception exception) when (exception is WorkloadException or FormatException)
        {
            return (null, $"replica {replica.Name}: {exception.Message}");
        }
    }
}
