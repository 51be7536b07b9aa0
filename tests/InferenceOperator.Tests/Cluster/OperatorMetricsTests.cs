using System.Text;
using InferenceOperator.Cluster.Admission;
using InferenceOperator.Cluster.Serving;
using InferenceOperator.Core.Resource;
using InferenceRuntime.Telemetry;

namespace InferenceOperator.Tests.Cluster;

public sealed class OperatorMetricsTests
{
    [Fact]
    public void What_all_agents_cost_and_how_many_of_them_are_in_a_burst_is_told()
    {
        AgentStatus[] statuses =
        [
            new() { Cost = new CostStatus { PerReplicaHour = "2.5", PerHour = "7.5" }, Serving = new ServingStatus { Burst = "small" } },
            new() { Cost = new CostStatus { PerReplicaHour = "0.1", PerHour = "0.25" }, Serving = new ServingStatus() },
            new(),
        ];

        var text = Encoding.UTF8.GetString(OperatorMetrics.Render(new OperatorCounts(0, 0, 0, 0, statuses.Length, 0, statuses, new Dictionary<(string Verb, string Code), long>())));

        Assert.Contains("\ninference_operator_cost_per_hour 7.75\n", text, StringComparison.Ordinal);
        Assert.Contains("\ninference_operator_agents_in_burst 1\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("spans", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_traces_are_asked_for_it_is_told_what_became_of_their_spans()
    {
        var counts = new OperatorCounts(0, 0, 0, 0, 0, 0, [], new Dictionary<(string Verb, string Code), long>()) { Spans = new SpanCounts(Exported: 12, DroppedFull: 3, DroppedUndelivered: 4) };

        var text = Encoding.UTF8.GetString(OperatorMetrics.Render(counts));

        Assert.Contains("\ninference_operator_spans_exported_total 12\n", text, StringComparison.Ordinal);
        Assert.Contains("\ninference_operator_spans_dropped_total{reason=\"queue_full\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("\ninference_operator_spans_dropped_total{reason=\"undelivered\"} 4\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_admission_webhook_answers_and_how_long_its_certificate_lasts_is_told_where_it_is_served()
    {
        var counts = new OperatorCounts(0, 0, 0, 0, 0, 0, [], new Dictionary<(string Verb, string Code), long>());
        var end = new DateTimeOffset(2030, 1, 31, 0, 0, 0, TimeSpan.Zero);

        var text = Encoding.UTF8.GetString(OperatorMetrics.Render(counts with { Admission = new([(AdmissionResult.Refused, 3)], end) }));

        Assert.Contains("\ninference_operator_admission_reviews_total{result=\"Refused\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("\ninference_operator_admission_certificate_end_timestamp_seconds 1896048000\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("admission", Encoding.UTF8.GetString(OperatorMetrics.Render(counts)), StringComparison.Ordinal);
    }
}
