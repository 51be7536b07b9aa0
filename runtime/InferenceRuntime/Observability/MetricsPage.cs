using System.Buffers;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Shadowing;
using InferenceRuntime.Telemetry;

namespace InferenceRuntime.Observability;

/// <summary>Writes every family of <see cref="MetricNames"/> as Prometheus text.</summary>
/// <remarks>Models that are counted apart have a label of their own; what is counted of none of them has not.</remarks>
/// <param name="labels">Labels of every sample.</param>
internal sealed class MetricsPage(IReadOnlyList<KeyValuePair<string, string>> labels)
{
    private const PrometheusMetricType Counter = PrometheusMetricType.Counter;
    private const PrometheusMetricType Gauge = PrometheusMetricType.Gauge;
    private const PrometheusMetricType Histogram = PrometheusMetricType.Histogram;

    /// <summary>Writes the page. Cost: about 100 samples a model, a few tens of microseconds.</summary>
    public void Write(MetricsReading reading, IBufferWriter<byte> output)
    {
        var text = new PrometheusTextWriter(output, labels);
        Part<ModelReading>[] parts =
        [
            new(text, new ModelReading("", reading.Requests, reading.Engine, reading.Cache)),
            .. reading.Models.Select(model => new Part<ModelReading>(
                new PrometheusTextWriter(output, [.. labels, new(MetricLabels.Model, model.Name)]), model)),
        ];
        WriteRequests([.. parts.Select(static p => p.With(p.Value.Requests))]);
        Part<EngineSnapshot>[] engines = [.. parts.Where(static p => p.Value.Engine is not null).Select(static p => p.With(p.Value.Engine!))];
        if (engines.Length > 0)
        {
            WritePhases(engines);
            WriteExecutions(engines);
            WriteArrivals(engines);
            WriteRunEnds(engines);
            WriteVariants(engines);
            WritePlacements(output, parts);
            WriteQueue(engines);
        }

        Part<CacheSnapshot>[] caches = [.. parts.Where(static p => p.Value.Cache is not null).Select(static p => p.With(p.Value.Cache!.Value))];
        if (caches.Length > 0)
        {
            WriteCache(caches);
        }

        WriteShadow(text, reading.Shadow);
        WriteReplica(text, reading);
    }

    private static void WriteRequests(Part<RequestSnapshot>[] parts)
    {
        Family(parts, MetricNames.RequestsTotal, Counter, "Requests by outcome.", static (text, requests) =>
        {
            for (var i = 0; i < RequestOutcomes.All.Count; i++)
            {
                text.Sample(MetricLabels.Outcome, RequestOutcomes.All[i], requests.Outcomes[i]);
            }
        });
        Family(
            parts, MetricNames.RequestSeconds, Histogram, "Latency at the server of answered requests: head read to reply handed to the socket.",
            static (text, requests) => text.Histogram(MetricBuckets.Seconds, requests.LatencyCounts.AsSpan(), requests.LatencySum.TotalSeconds));

        // Which model a request is for is known only when it has been read.
        One(parts[..1], MetricNames.RequestsInFlight, Gauge, "Requests received and not yet answered.", static requests => requests.InFlight);
        Part<RequestSnapshot>[] counting = [.. parts.Where(static p => !p.Value.Slo.IsEmpty)];
        if (counting.Length == 0)
        {
            return;
        }

        Family(counting, MetricNames.SloRequestsTotal, Counter, "Requests that the SLO counts: answered, refused for lack of room, expired, failed.", static (text, requests) =>
        {
            foreach (var slo in requests.Slo)
            {
                text.Sample(MetricLabels.SloSeconds, PrometheusTextWriter.Number(slo.Seconds), slo.Requests);
            }
        });
        Family(counting, MetricNames.SloMetTotal, Counter, "Requests answered within the SLO.", static (text, requests) =>
        {
            foreach (var slo in requests.Slo)
            {
                text.Sample(MetricLabels.SloSeconds, PrometheusTextWriter.Number(slo.Seconds), slo.Met);
            }
        });
    }

    private static void WritePhases(Part<EngineSnapshot>[] engines) => Family(
        engines, MetricNames.PhaseSecondsTotal, Counter, "Seconds spent by answered requests in each phase; the phases add up to the latency.", static (text, engine) =>
        {
            text.Sample(MetricLabels.Phase, RequestPhases.Queue, engine.Phases.Queue);
            text.Sample(MetricLabels.Phase, RequestPhases.Compute, engine.Phases.Compute);
            text.Sample(MetricLabels.Phase, RequestPhases.Communication, engine.Phases.Communication);
            text.Sample(MetricLabels.Phase, RequestPhases.Overhead, engine.Phases.Overhead);
        });

    private static void WriteExecutions(Part<EngineSnapshot>[] engines)
    {
        One(engines, MetricNames.ExecutionsTotal, Counter, "Executions.", static e => e.Executions.Count);
        One(engines, MetricNames.ExecutionRowsTotal, Counter, "Rows over executions.", static e => e.Executions.Rows);
        One(engines, MetricNames.ExecutionRowsSquaredTotal, Counter, "Squares of rows over executions.", static e => e.Executions.RowsSquared);
        One(engines, MetricNames.ExecutionSecondsTotal, Counter, "Seconds in which executions occupied their slot.", static e => e.Executions.Seconds);
        One(engines, MetricNames.ExecutionRowsSecondsTotal, Counter, "Products of rows and seconds over executions.", static e => e.Executions.RowsSeconds);
        One(engines, MetricNames.ExecutionSecondsSquaredTotal, Counter, "Squares of seconds over executions.", static e => e.Executions.SecondsSquared);
        Family(
            engines, MetricNames.BatchRows, Histogram, "Rows in one execution.",
            static (text, engine) => text.Histogram(MetricBuckets.Rows, engine.RowsPerExecution.AsSpan(), engine.Executions.Rows));
    }

    private static void WriteArrivals(Part<EngineSnapshot>[] engines)
    {
        One(engines, MetricNames.ArrivalWindowsTotal, Counter, "Closed windows of 100 ms in which arrivals were counted.", static e => e.Arrivals.Windows);
        One(engines, MetricNames.ArrivalsTotal, Counter, "Requests that arrived in closed windows.", static e => e.Arrivals.Requests);
        One(engines, MetricNames.ArrivalsSquaredTotal, Counter, "Squares of arrivals over closed windows.", static e => e.Arrivals.RequestsSquared);
        One(engines, MetricNames.ArrivalRowsTotal, Counter, "Rows that arrived.", static e => e.Arrivals.Rows);
    }

    private static void WriteRunEnds(Part<EngineSnapshot>[] engines)
    {
        One(engines, MetricNames.RunsTerminatedTotal, Counter, "Runs ended early because nobody waited for them.", static e => e.Terminations);
        One(engines, MetricNames.OutOfMemoryTotal, Counter, "Runs that did not fit into memory.", static e => e.OutOfMemory);
    }

    private static void WriteVariants(Part<EngineSnapshot>[] engines)
    {
        Part<EngineSnapshot>[] several = [.. engines.Where(static p => !p.Value.Variants.IsEmpty)];
        if (several.Length == 0)
        {
            return;
        }

        ByVariant(several, MetricNames.VariantRequestsTotal, "Requests given to each variant.", static v => v.Requests);
        ByVariant(several, MetricNames.VariantExecutionsTotal, "Executions of each variant.", static v => v.Executions.Count);
        ByVariant(several, MetricNames.VariantExecutionRowsTotal, "Rows over executions of each variant.", static v => v.Executions.Rows);
        ByVariant(several, MetricNames.VariantExecutionRowsSquaredTotal, "Squares of rows over executions of each variant.", static v => v.Executions.RowsSquared);
        ByVariant(several, MetricNames.VariantExecutionSecondsTotal, "Seconds in which executions of each variant occupied their slot.", static v => v.Executions.Seconds);
        ByVariant(several, MetricNames.VariantExecutionRowsSecondsTotal, "Products of rows and seconds over executions of each variant.", static v => v.Executions.RowsSeconds);
        ByVariant(several, MetricNames.VariantExecutionSecondsSquaredTotal, "Squares of seconds over executions of each variant.", static v => v.Executions.SecondsSquared);
    }

    private static void ByVariant(Part<EngineSnapshot>[] engines, string name, string help, Func<VariantCount, double> value) =>
        Family(engines, name, Counter, help, (text, engine) =>
        {
            foreach (var variant in engine.Variants)
            {
                text.Sample(MetricLabels.Variant, variant.Name, value(variant));
            }
        });

    private void WritePlacements(IBufferWriter<byte> output, Part<ModelReading>[] parts)
    {
        Part<ModelPlacement>[] placements = [.. parts.SelectMany(part => Placements(output, part))];
        Placement(placements, MetricNames.AcceleratedTimeRatio, "Share of the model's time on an accelerator, as its warm-up showed.", static p => p.TimeShare);
        Placement(placements, MetricNames.AcceleratedNodesRatio, "Share of the model's nodes on an accelerator.", static p => p.NodeShare);
    }

    private IEnumerable<Part<ModelPlacement>> Placements(IBufferWriter<byte> output, Part<ModelReading> part) => part.Value.Engine switch
    {
        null => [],
        { Variants.IsEmpty: true } engine => [part.With(engine.Placement)],
        var engine => engine.Variants.Select(variant => new Part<ModelPlacement>(
            new PrometheusTextWriter(output, [.. labels, .. ModelLabel(part.Value.Name), new(MetricLabels.Variant, variant.Name)]), variant.Placement)),
    };

    private static void Placement(Part<ModelPlacement>[] placements, string name, string help, Func<ModelPlacement, double?> share) =>
        Family(placements, name, Gauge, help, (text, placement) =>
        {
            if (share(placement) is { } measured)
            {
                text.Sample(MetricLabels.Provider, ProviderNames.Of(placement.Provider), measured);
            }
        });

    private static IEnumerable<KeyValuePair<string, string>> ModelLabel(string name) => name.Length == 0 ? [] : [new(MetricLabels.Model, name)];

    private static void WriteQueue(Part<EngineSnapshot>[] engines)
    {
        One(engines, MetricNames.QueueRequests, Gauge, "Requests waiting now.", static e => e.Queue.Requests);
        One(engines, MetricNames.QueueRows, Gauge, "Rows waiting now.", static e => e.Queue.Rows);
        One(engines, MetricNames.QueueBytes, Gauge, "Tensor bytes waiting now.", static e => e.Queue.Bytes);
    }

    private static void WriteCache(Part<CacheSnapshot>[] caches)
    {
        One(caches, MetricNames.CacheHitsTotal, Counter, "Requests answered from the cache.", static c => c.Hits);
        One(caches, MetricNames.CacheJoinedTotal, Counter, "Requests answered by the computation of an equal request that was under way.", static c => c.Joined);
        One(caches, MetricNames.CacheMissesTotal, Counter, "Requests that the cache was asked for in vain and that were computed.", static c => c.Misses);
        One(caches, MetricNames.CacheBypassedTotal, Counter, "Requests that passed the cache by, since it did not pay.", static c => c.Bypassed);
        One(caches, MetricNames.CacheEvictionsTotal, Counter, "Responses given up for lack of room.", static c => c.Evictions);
        One(caches, MetricNames.CacheComputeSecondsSavedTotal, Counter, "Compute time that hits and joined requests did not take.", static c => c.SecondsSaved);
        One(caches, MetricNames.CacheEntries, Gauge, "Responses in the cache.", static c => c.Entries);
        One(caches, MetricNames.CacheBytes, Gauge, "Memory that the cache holds: keys, values and bookkeeping.", static c => c.Bytes);
    }

    private static void WriteShadow(PrometheusTextWriter text, ShadowSnapshot shadow)
    {
        if (shadow.Rows != default)
        {
            text.Begin(MetricNames.ShadowRowsTotal, Counter, "Rows whose answer was compared with another replica's.");
            text.Sample(MetricLabels.Result, ShadowResults.Agreed, shadow.Rows.Agreed);
            text.Sample(MetricLabels.Result, ShadowResults.Differed, shadow.Rows.Differed);
            text.Sample(MetricLabels.Result, ShadowResults.Incomparable, shadow.Rows.Incomparable);
        }

        if (shadow.Sent + shadow.Dropped + shadow.Failed > 0)
        {
            text.Begin(MetricNames.ShadowRequestsTotal, Counter, "Requests picked to be answered by another replica as well.");
            text.Sample(MetricLabels.Result, ShadowResults.Sent, shadow.Sent);
            text.Sample(MetricLabels.Result, ShadowResults.Dropped, shadow.Dropped);
            text.Sample(MetricLabels.Result, ShadowResults.Failed, shadow.Failed);
        }
    }

    private static void WriteReplica(PrometheusTextWriter text, MetricsReading reading)
    {
        var batching = reading.Settings.Batching;
        text.Begin(MetricNames.AnnouncedVersions, Gauge, "Versions of models that are announced for later, by how far they are prepared.");
        for (var i = 0; i < AnnouncedStages.All.Count; i++)
        {
            text.Sample(MetricLabels.Stage, AnnouncedStages.All[i], reading.Announced[i]);
        }

        One(text, MetricNames.AnnouncedBytes, Gauge, "Memory that they take before they serve, as planned.", reading.AnnouncedBytes);
        One(text, MetricNames.BatchSizeMax, Gauge, "Most rows in one execution, as set.", batching.MaxSize);
        One(text, MetricNames.BatchDelayMaxSeconds, Gauge, "Longest wait for company, as set.", batching.MaxDelayMs / 1000);
        One(text, MetricNames.Ready, Gauge, "1 when ready, else 0.", reading.Ready ? 1 : 0);
        if (reading.StartUp is { } startUp)
        {
            One(text, MetricNames.StartUpSeconds, Gauge, "Seconds from process start to ready.", startUp.TotalSeconds);
        }

        if (reading.Spans is { } spans)
        {
            One(text, MetricNames.SpansExportedTotal, Counter, "Spans of traces that the receiver took.", spans.Exported);
            text.Begin(MetricNames.SpansDroppedTotal, Counter, "Spans of traces that were dropped, by reason.");
            text.Sample(MetricLabels.Reason, SpanCounts.Full, spans.DroppedFull);
            text.Sample(MetricLabels.Reason, SpanCounts.Undelivered, spans.DroppedUndelivered);
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

    private static void One<T>(Part<T>[] parts, string name, PrometheusMetricType type, string help, Func<T, double> value) =>
        Family(parts, name, type, help, (text, part) => text.Sample(value(part)));

    /// <summary>One family: begun by the first part, gone on with by the others.</summary>
    private static void Family<T>(Part<T>[] parts, string name, PrometheusMetricType type, string help, Action<PrometheusTextWriter, T> samples)
    {
        parts[0].Text.Begin(name, type, help);
        foreach (var part in parts)
        {
            part.Text.Continue(name);
            samples(part.Text, part.Value);
        }
    }

    /// <summary>What one writer, with its labels, has to say.</summary>
    private sealed record Part<T>(PrometheusTextWriter Text, T Value)
    {
        public Part<TOther> With<TOther>(TOther value) => new(Text, value);
    }
}
