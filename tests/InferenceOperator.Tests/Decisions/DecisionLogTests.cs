using InferenceOperator.Control;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Decisions;

namespace InferenceOperator.Tests.Decisions;

public sealed class DecisionLogTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("decisions-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Changes_are_written_at_once_and_a_long_hold_once_a_minute()
    {
        var agent = new InferenceAgent
        {
            Metadata = new AgentMetadata { Name = "digits" },
            Spec = new AgentSpec { Model = new ModelSpec { Uri = "file:///m.onnx" } },
        };
        var controller = new AgentController();
        var path = Path.Combine(_folder, "decisions.jsonl");
        using (var log = new DecisionLog(path))
        {
            for (var second = 0; second <= 61; second++)
            {
                var now = Start.AddSeconds(second);
                var workload = second == 0 ? WorkloadObservation.Nothing : new WorkloadObservation { WantedReplicas = 1 };
                var step = controller.Step(new ControlInput { Agent = agent, Workload = workload, MetricInterval = TimeSpan.FromSeconds(1) }, now);
                log.Take(new AgentReport(agent, workload, step, new AgentStatus()));
            }
        }

        var rules = File.ReadAllLines(path).Select(line => System.Text.Json.Nodes.JsonNode.Parse(line)!["rule"]!.GetValue<string>());
        Assert.Equal(["Start", "HoldUnknown", "HoldUnknown"], rules);
    }
}
