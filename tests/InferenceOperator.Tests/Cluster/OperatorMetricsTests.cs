using System.Text;
using InferenceOperator.Cluster.Serving;
using InferenceOperator.Core.Resource;

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
    }
}
