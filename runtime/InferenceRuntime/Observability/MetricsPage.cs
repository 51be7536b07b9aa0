using System.Buffers;
using System.Collections.Immutable;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Observability;

/// <summary>Writes every family of <see cref="MetricNames"/> as Prometheus text.</summary>
/// <param name="labels">Labels of every sample.</param>
internal sealed class MetricsPage(IReadOnlyList<KeyValuePair<string, string>> labels)
{
    private const PrometheusMetricType Counter = PrometheusMetricType.Counter;
    private const PrometheusMetricType Gauge = PrometheusMetricType.Gauge;
    private const PrometheusMetricType Histogram = PrometheusMetricType.Histogram;

    /// <summary>Writes the page. Cost: about 100 samples, a few tens of microseconds.</summary>
    public void Write(MetricsReading reading, IBufferWriter<byte> output)
    {
        var text = new PrometheusTextWriter(output, labels);
        WriteRequests(text, reading.Requests);
        if (reading.Engine is { } engine)
        {
            WritePhases(text, engine.Phases);
            WriteExecutions(text, engine);
            WriteArrivals(text, engine.Arrivals);
            WriteRunEnds(text, engine);
            WriteVariants(text, engine.Variants);
            WriteQueue(text, engine.Queue);
        }

        if (reading.Cache is { } cache)
        {
            WriteCache(text, cache);
        }

        WriteReplica(text, reading);
    }

    private static void WriteRequests(PrometheusTextWriter text, RequestSnapshot requests)
    {
        text.Begin(MetricNames.RequestsTotal, Counter, "Requests by outcome.");
        for (var i = 0; i < RequestOutcomes.All.Count; i++)
        {
            text.Sample(MetricLabels.Outcome, RequestOutcomes.All[i], requests.Outcomes[i]);
        }

        text.Begin(MetricNames.RequestSeconds, Histogram, "Latency at the server of answered requests: head read to reply handed to the socket.");
        text.Histogram(MetricBuckets.Seconds, requests.LatencyCounts.AsSpan(), requests.LatencySum.TotalSeconds);
        text.Begin(MetricNames.RequestsInFlight, Gauge, "Requests received and not yet answered.");
        text.Sample(requests.InFlight);
        if (requests.Slo.IsEmpty)
        {
            return;
        }

        text.Begin(MetricNames.SloRequestsTotal, Counter, "Requests that the SLO counts: answered, refused for lack of room, expired, failed.");
        foreach (var slo in requests.Slo)
        {
            text.Sample(MetricLabels.SloSeconds, PrometheusTextWriter.Number(slo.Seconds), slo.Requests);
        }

        text.Begin(MetricNames.SloMetTotal, Counter, "Requests answered within the SLO.");
        foreach (var slo in requests.Slo)
        {
            text.Sample(MetricLabels.SloSeconds, PrometheusTextWriter.Number(slo.Seconds), slo.Met);
        }
    }

    private static void WritePhases(PrometheusTextWriter text, PhaseSums phases)
    {
        text.Begin(MetricNames.PhaseSecondsTotal, Counter, "Seconds spent by answered requests in each phase; the phases add up to the latency.");
        text.Sample(MetricLabels.Phase, RequestPhases.Queue, phases.Queue);
        text.Sample(MetricLabels.Phase, RequestPhases.Compute, phases.Compute);
        text.Sample(MetricLabels.Phase, RequestPhases.Communication, phases.Communication);
        text.Sample(MetricLabels.Phase, RequestPhases.Overhead, phases.Overhead);
    }

    private static void WriteExecutions(PrometheusTextWriter text, EngineSnapshot engine)
    {
        var sums = engine.Executions;
        One(text, MetricNames.ExecutionsTotal, Counter, "Executions.", sums.Count);
        One(text, MetricNames.ExecutionRowsTotal, Counter, "Rows over executions.", sums.Rows);
        One(text, MetricNames.ExecutionRowsSquaredTotal, Counter, "Squares of rows over executions.", sums.RowsSquared);
        One(text, MetricNames.ExecutionSecondsTotal, Counter, "Seconds in which executions occupied their slot.", sums.Seconds);
        One(text, MetricNames.ExecutionRowsSecondsTotal, Counter, "Products of rows and seconds over executions.", sums.RowsSeconds);
        One(text, MetricNames.ExecutionSecondsSquaredTotal, Counter, "Squares of seconds over executions.", sums.SecondsSquared);
        text.Begin(MetricNames.BatchRows, Histogram, "Rows in one execution.");
        text.Histogram(MetricBuckets.Rows, engine.RowsPerExecution.AsSpan(), sums.Rows);
    }

    private static void WriteArrivals(PrometheusTextWriter text, ArrivalSums arrivals)
    {
        One(text, MetricNames.ArrivalWindowsTotal, Counter, "Closed windows of 100 ms in which arrivals were counted.", arrivals.Windows);
        One(text, MetricNames.ArrivalsTotal, Counter, "Requests that arrived in closed windows.", arrivals.Requests);
        One(text, MetricNames.ArrivalsSquaredTotal, Counter, "Squares of arrivals over closed windows.", arrivals.RequestsSquared);
        One(text, MetricNames.ArrivalRowsTotal, Counter, "Rows that arrived.", arrivals.Rows);
    }

    private static void WriteRunEnds(PrometheusTextWriter text, EngineSnapshot engine)
    {
        One(text, MetricNames.RunsTerminatedTotal, Counter, "Runs ended early because nobody waited for them.", engine.Terminations);
        One(text, MetricNames.OutOfMemoryTotal, Counter, "Runs that did not fit into memory.", engine.OutOfMemory);
    }

    private static void WriteVariants(PrometheusTextWriter text, ImmutableArray<VariantCount> variants)
    {
        if (variants.IsEmpty)
        {
            return;
        }

        text.Begin(MetricNames.VariantRequestsTotal, Counter, "Requests given to each variant.");
        foreach (var variant in variants)
        {
            text.Sample(MetricLabels.Variant, variant.Name, variant.Requests);
        }

        text.Begin(MetricNames.VariantExecutionsTotal, Counter, "Executions of each variant.");
        foreach (var variant in variants)
        {
            text.Sample(MetricLabels.Variant, variant.Name, variant.Executions);
        }
    }

    private static void WriteQueue(PrometheusTextWriter text, QueueDepth queue)
    {
        One(text, MetricNames.QueueRequests, Gauge, "Requests waiting now.", queue.Requests);
        One(text, MetricNames.QueueRows, Gauge, "Rows waiting now.", queue.Rows);
        One(text, MetricNames.QueueBytes, Gauge, "Tensor bytes waiting now.", queue.Bytes);
    }

    private static void WriteCache(PrometheusTextWriter text, CacheSnapshot cache)
    {
        One(text, MetricNames.CacheHitsTotal, Counter, "Requests answered from the cache.", cache.Hits);
        One(text, MetricNames.CacheJoinedTotal, Counter, "Requests answered by the computation of an equal request that was under way.", cache.Joined);
        One(text, MetricNames.CacheMissesTotal, Counter, "Requests that the cache was asked for in vain and that were computed.", cache.Misses);
        One(text, MetricNames.CacheBypassedTotal, Counter, "Requests that passed the cache by, since it did not pay.", cache.Bypassed);
        One(text, MetricNames.CacheEvictionsTotal, Counter, "Responses given up for lack of room.", cache.Evictions);
        One(text, MetricNames.CacheComputeSecondsSavedTotal, Counter, "Compute time that hits and joined requests did not take.", cache.SecondsSaved);
        One(text, MetricNames.CacheEntries, Gauge, "Responses in the cache.", cache.Entries);
        One(text, MetricNames.CacheBytes, Gauge, "Memory that the cache holds: keys, values and bookkeeping.", cache.Bytes);
    }

    private static void WriteReplica(PrometheusTextWriter text, MetricsReading reading)
    {
        var batching = reading.Settings.Batching;
        One(text, MetricNames.BatchSizeMax, Gauge, "Most rows in one execution, as set.", batching.MaxSize);
        One(text, MetricNames.BatchDelayMaxSeconds, Gauge, "Longest wait for company, as set.", batching.MaxDelayMs / 1000);
        One(text, MetricNames.Ready, Gauge, "1 when ready, else 0.", reading.Ready ? 1 : 0);
        if (reading.StartUp is { } startUp)
        {
            One(text, MetricNames.StartUpSeconds, Gauge, "Seconds from process start to ready.", startUp.TotalSeconds);
        }

        One(text, MetricNames.ProcessCpuSecondsTotal, Counter, "Processor time of the process.", reading.Process.CpuSeconds);
        One(text, MetricNames.ProcessResidentMemoryBytes, Gauge, "Resident memory of the process.", reading.Process.ResidentBytes);
        One(text, MetricNames.ProcessStartTimeSeconds, Gauge, "Unix time at which the process started.", reading.Process.StartedAt.ToUnixTimeMilliseconds() / 1000d);
    }

    private static void One(PrometheusTextWriter text, string name, PrometheusMetricType type, string help, double value)
    {
        text.Begin(name, type, help);
        text.Sample(value);
    }
}
