using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;
using InferenceOperator.Local.Endpoint;
using InferenceOperator.Metrics;

namespace InferenceOperator.Local;

/// <summary>What the endpoint says of its agents: <c>/agents</c> and <c>/metrics</c>.</summary>
internal sealed class LocalPages(Func<IEnumerable<AgentView>> views, RouteTable routes, TimeProvider time) : IEndpointPages
{
    public byte[] AgentsJson() =>
        Encoding.UTF8.GetBytes(new JsonObject { ["agents"] = new JsonArray([.. views().Select(AgentJson)]) }.ToJsonString());

    public string MetricsText()
    {
        var text = new StringBuilder();
        var all = views().Where(view => view.Report is not null).ToList();
        Family(text, OperatorMetricNames.Replicas, "gauge", "Replicas by phase.", all, static view =>
            Enum.GetValues<ReplicaPhase>().Select(phase => ($",phase=\"{phase}\"", (double)view.Report!.Workload.Replicas.Count(replica => replica.Phase == phase))));
        Family(text, OperatorMetricNames.ReplicasWanted, "gauge", "Replicas wanted.", all, static view => [("", view.Report!.Step.Replicas)]);
        Family(text, OperatorMetricNames.BatchSizeWanted, "gauge", "Batch limit wanted, rows.", all, static view => [("", view.Report!.Step.Batching.MaxSize)]);
        Family(text, OperatorMetricNames.CostPerHour, "gauge", "Price of the replicas wanted for an hour.", all, static view =>
            view.Report!.Step.Decision.Basis.ReplicaPrice is { } price ? [("", price * view.Report.Step.Replicas)] : []);
        Family(text, OperatorMetricNames.VariantAnswers, "gauge", "1 for the variant that answers what no share is declared for.", all, static view =>
            view.Agent!.Spec.Variants is { Count: > 0 } variants
                ? variants.Select(static v => v.Name).Prepend(VariantShares.Full).Select(name => ($",variant=\"{name}\"", view.Report!.Step.Choice.Answers == name ? 1.0 : 0.0))
                : []);
        Family(text, OperatorMetricNames.Condition, "gauge", "1 when the condition is True.", all, static view =>
            view.Report!.Status.Conditions.Select(condition => ($",condition=\"{condition.Type}\"", condition.Status is ConditionState.True ? 1.0 : 0.0)));
        Family(text, OperatorMetricNames.EndpointRequestsTotal, "counter", "Requests at the endpoint by result.", all, view => Of(view, static route =>
            Enum.GetValues<ForwardResult>().Select(result => ($",result=\"{result}\"", (double)route.Counters.Count(result)))));
        Family(text, OperatorMetricNames.EndpointTriedAgainTotal, "counter", "Requests sent to a second replica.", all, view => Of(view, static route => [("", route.Counters.TriedAgain)]));
        Family(text, OperatorMetricNames.EndpointInFlight, "gauge", "Requests inside the endpoint.", all, view => Of(view, static route => [("", route.Inside)]));
        Family(text, OperatorMetricNames.EndpointHeld, "gauge", "Requests that wait for a replica.", all, view => Of(view, static route => [("", route.Held)]));
        return text.ToString();
    }

    private IEnumerable<(string Labels, double Value)> Of(AgentView view, Func<AgentRoute, IEnumerable<(string, double)>> samples) =>
        routes.Find(view.Agent!.Metadata.Name) is { } route ? samples(route) : [];

    // Names and namespaces are DNS labels, phases and results are ours: nothing needs escaping.
    private static void Family(
        StringBuilder text, string name, string type, string help, List<AgentView> views, Func<AgentView, IEnumerable<(string Labels, double Value)>> samples)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        foreach (var view in views)
        {
            var metadata = view.Agent!.Metadata;
            foreach (var (labels, value) in samples(view))
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}{{agent=\"{metadata.Name}\",agent_namespace=\"{metadata.Namespace}\"{labels}}} {value:R}\n");
            }
        }
    }

    private JsonNode AgentJson(AgentView view)
    {
        var status = view.Report?.Status;
        if (!view.Errors.IsEmpty)
        {
            status = StatusPlanner.Rejected((view.Agent?.Metadata.Generation ?? 0) + 1, status, view.Errors, time.GetUtcNow());
        }

        var name = view.Key[(view.Key.IndexOf('/') + 1)..];
        return new JsonObject
        {
            ["name"] = name,
            ["namespace"] = view.Key[..^(name.Length + 1)],
            ["generation"] = view.Agent?.Metadata.Generation ?? 0,
            ["path"] = $"/v2/models/{name}",
            ["spec"] = view.Agent is { } agent ? AgentManifest.Write(agent)["spec"]?.DeepClone() : null,
            ["status"] = status is null ? null : AgentManifest.Write(status),
            ["replicas"] = new JsonArray([.. (view.Report?.Workload.Replicas ?? []).Select(ReplicaJson)]),
            ["decision"] = view.Report?.Step.Decision.Reason,
        };
    }

    private static JsonNode ReplicaJson(ReplicaObservation replica) => new JsonObject
    {
        ["name"] = replica.Name,
        ["phase"] = replica.Phase.ToString(),
        ["since"] = replica.Since.ToString("O", CultureInfo.InvariantCulture),
        ["message"] = replica.Message,
    };
}
