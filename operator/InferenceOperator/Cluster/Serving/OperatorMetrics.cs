using System.Buffers;
using System.Globalization;
using System.Text;
using InferenceOperator.Core.Resource;
using InferenceRuntime.Contract;
using InferenceRuntime.Telemetry;

namespace InferenceOperator.Cluster.Serving;

/// <summary>The operator's own metrics: names, labels and help in one place.</summary>
/// <remarks>Label values come from closed sets: verbs, status codes, condition types and states. No series per agent: what an agent does is in its own replicas' series.</remarks>
internal static class OperatorMetrics
{
    public const string ReconcilesTotal = "inference_operator_reconciles_total";
    public const string ReconcileErrorsTotal = "inference_operator_reconcile_errors_total";
    public const string ControlStepsTotal = "inference_operator_control_steps_total";
    public const string QueueDepth = "inference_operator_queue_depth";
    public const string Agents = "inference_operator_agents";
    public const string AgentsByCondition = "inference_operator_agents_by_condition";
    public const string CostPerHour = "inference_operator_cost_per_hour";
    public const string BurstAgents = "inference_operator_agents_in_burst";
    public const string ApiRequestsTotal = "inference_operator_api_requests_total";
    public const string ApiThrottledSecondsTotal = "inference_operator_api_throttled_seconds_total";
    public const string EventsDroppedTotal = "inference_operator_events_dropped_total";
    public const string Shards = "inference_operator_shards";
    public const string ShardsHeld = "inference_operator_shards_held";
    public const string LeasesGainedTotal = "inference_operator_leases_gained_total";
    public const string LeasesLostTotal = "inference_operator_leases_lost_total";
    public const string SpansExportedTotal = "inference_operator_spans_exported_total";
    public const string SpansDroppedTotal = "inference_operator_spans_dropped_total";
    public const string AdmissionReviewsTotal = "inference_operator_admission_reviews_total";
    public const string AdmissionCertificateEnd = "inference_operator_admission_certificate_end_timestamp_seconds";

    /// <summary>The text of <c>/metrics</c>.</summary>
    public static byte[] Render(OperatorCounts counts)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        var writer = new PrometheusTextWriter(output, []);
        Single(writer, ReconcilesTotal, PrometheusMetricType.Counter, "Agents looked at because something changed.", counts.Reconciles);
        Single(writer, ReconcileErrorsTotal, PrometheusMetricType.Counter, "Of those, the ones that failed and are tried again.", counts.ReconcileErrors);
        Single(writer, ControlStepsTotal, PrometheusMetricType.Counter, "Control steps of all agents.", counts.ControlSteps);
        Single(writer, QueueDepth, PrometheusMetricType.Gauge, "Agents that wait to be looked at.", counts.QueueDepth);
        Single(writer, Agents, PrometheusMetricType.Gauge, "Agents with a control loop.", counts.Agents);
        Single(writer, EventsDroppedTotal, PrometheusMetricType.Counter, "Events that were not written.", counts.EventsDropped);
        Single(writer, CostPerHour, PrometheusMetricType.Gauge, "Price of the replicas that all agents want for an hour; 0 while no prices are given.", counts.Statuses.Sum(Cost));
        Single(writer, BurstAgents, PrometheusMetricType.Gauge, "Agents whose burst variant answers.", counts.Statuses.Count(static status => status.Serving?.Burst is not null));
        ByTwoLabels(output, AgentsByCondition, "gauge", "Agents by condition and its status.", "condition", "status", Conditions(counts.Statuses));
        ByTwoLabels(output, ApiRequestsTotal, "counter", "Requests to the API server; code 0: no answer.", "verb", "code", counts.ApiRequests.Select(static c => (c.Key.Verb, c.Key.Code, c.Value)));
        Single(writer, ApiThrottledSecondsTotal, PrometheusMetricType.Counter, "Seconds for which requests to the API server waited for the operator's own rate limit.", counts.ThrottledSeconds);
        if (counts.Leases is { } leases)
        {
            Single(writer, Shards, PrometheusMetricType.Gauge, "Shards into which the agents are divided; 1: one replica leads.", leases.Shards);
            Single(writer, ShardsHeld, PrometheusMetricType.Gauge, "Shards whose Lease this replica holds and works under.", leases.Held);
            Single(writer, LeasesGainedTotal, PrometheusMetricType.Counter, "Times that work under a Lease began here.", leases.Gained);
            Single(writer, LeasesLostTotal, PrometheusMetricType.Counter, "Times that it had to end because the Lease was not renewed in time or was taken.", leases.Lost);
        }

        if (counts.Spans is { } spans)
        {
            Single(writer, SpansExportedTotal, PrometheusMetricType.Counter, "Spans of traces that the receiver took.", spans.Exported);
            writer.Begin(SpansDroppedTotal, PrometheusMetricType.Counter, "Spans of traces that were dropped, by reason.");
            writer.Sample(MetricLabels.Reason, SpanCounts.Full, spans.DroppedFull);
            writer.Sample(MetricLabels.Reason, SpanCounts.Undelivered, spans.DroppedUndelivered);
        }

        if (counts.Admission is { } admission)
        {
            writer.Begin(AdmissionReviewsTotal, PrometheusMetricType.Counter, "Requests to the admission webhook by what became of them.");
            foreach (var (result, count) in admission.Answers)
            {
                writer.Sample("result", result.ToString(), count);
            }

            Single(writer, AdmissionCertificateEnd, PrometheusMetricType.Gauge, "When the certificate that the admission webhook serves ends, Unix time; 0: it serves none yet.", admission.CertificateUntil?.ToUnixTimeSeconds() ?? 0);
        }

        return output.WrittenSpan.ToArray();
    }

    private static double Cost(AgentStatus status) => status.Cost is { } cost ? double.Parse(cost.PerHour, CultureInfo.InvariantCulture) : 0;

    private static IEnumerable<(string Condition, string Status, long Count)> Conditions(IEnumerable<AgentStatus> statuses) =>
        statuses.SelectMany(static status => status.Conditions)
            .Where(static condition => ConditionTypes.All.Contains(condition.Type))
            .GroupBy(static condition => (condition.Type, condition.Status))
            .Select(static group => (group.Key.Type, group.Key.Status.ToString(), (long)group.Count()));

    private static void Single(PrometheusTextWriter writer, string name, PrometheusMetricType type, string help, double value)
    {
        writer.Begin(name, type, help);
        writer.Sample(value);
    }

    /// <summary>The contract's writer knows one label a sample; these have two, of values that need no escaping.</summary>
    private static void ByTwoLabels(
        ArrayBufferWriter<byte> output, string name, string type, string help, string first, string second, IEnumerable<(string First, string Second, long Value)> samples)
    {
        var text = new StringBuilder().Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");
        foreach (var sample in samples.OrderBy(static s => (s.First, s.Second)))
        {
            text.Append($"{name}{{{first}=\"{sample.First}\",{second}=\"{sample.Second}\"}} {sample.Value}\n");
        }

        output.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
