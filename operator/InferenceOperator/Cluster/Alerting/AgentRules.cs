using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceRuntime.Contract;

namespace InferenceOperator.Cluster.Alerting;

/// <summary>The recording rules and alerts that follow from one agent's SLO. Pure: equal agents give equal rules.</summary>
/// <remarks>
/// Attainment is counted where latency is measured, request by request, so that these are shares of requests and not estimates from
/// the buckets of a histogram. Series of an SLO that was changed count on under their own <c>slo_seconds</c>: each request is
/// judged by the SLO of its time.
/// </remarks>
internal static class AgentRules
{
    private const string By = $"by ({MetricLabels.Agent}, {MetricLabels.AgentNamespace})";

    /// <summary>The groups of a Prometheus rule file.</summary>
    /// <param name="agent">An agent with an SLO.</param>
    /// <exception cref="ArgumentException">It has none.</exception>
    public static JsonArray Groups(InferenceAgent agent)
    {
        var slo = agent.Spec.Slo ?? throw new ArgumentException("an agent without an SLO has no rules", nameof(agent));
        var objective = decimal.Parse(slo.Latency.Percentile, CultureInfo.InvariantCulture) / 100m;
        var selector = $"{MetricLabels.Agent}={Quoted(agent.Metadata.Name)},{MetricLabels.AgentNamespace}={Quoted(agent.Metadata.Namespace)}";
        return
        [
            new JsonObject
            {
                // One group: its rules are evaluated in order, so that alerts see what was recorded a moment ago.
                ["name"] = $"{agent.Metadata.Namespace}/{agent.Metadata.Name}",
                ["interval"] = "30s",
                ["rules"] = new JsonArray([.. Recordings(agent, selector, objective), .. Alerts(agent, selector, objective)]),
            },
        ];
    }

    private static IEnumerable<JsonObject> Recordings(InferenceAgent agent, string selector, decimal objective)
    {
        yield return new JsonObject
        {
            ["record"] = AgentRuleNames.Objective,
            ["expr"] = $"vector({Text(objective)})",
            ["labels"] = new JsonObject { [MetricLabels.Agent] = agent.Metadata.Name, [MetricLabels.AgentNamespace] = agent.Metadata.Namespace },
        };
        yield return new JsonObject { ["record"] = AgentRuleNames.RequestRate, ["expr"] = $"sum {By} (rate({MetricNames.SloRequestsTotal}{{{selector}}}[5m]))" };
        foreach (var window in BurnRateAlert.Windows)
        {
            var met = $"sum {By} (rate({MetricNames.SloMetTotal}{{{selector}}}[{window}]))";
            var all = $"sum {By} (rate({MetricNames.SloRequestsTotal}{{{selector}}}[{window}]))";
            yield return new JsonObject { ["record"] = AgentRuleNames.MissRatio(window), ["expr"] = $"1 - {met} / ({all} > 0)" };
        }
    }

    private static IEnumerable<JsonObject> Alerts(InferenceAgent agent, string selector, decimal objective)
    {
        var slo = agent.Spec.Slo!.Latency; // Groups has looked.
        var promise = $"{slo.Percentile} % of requests within {slo.Target}";
        var who = $"{agent.Metadata.Namespace}/{agent.Metadata.Name}";
        foreach (var alert in BurnRateAlert.All.Where(alert => alert.CanFire(objective)))
        {
            var limit = Text(alert.MissShare(objective));
            var misses = $"increase({MetricNames.SloRequestsTotal}{{{selector}}}[{alert.Long}]) - increase({MetricNames.SloMetTotal}{{{selector}}}[{alert.Long}])";
            yield return Alert(
                alert.Name,
                $"{AgentRuleNames.MissRatio(alert.Long)}{{{selector}}} > {limit} and {AgentRuleNames.MissRatio(alert.Short)}{{{selector}}} > {limit} and sum {By} ({misses}) >= {BurnRateAlert.MissesMin}",
                null,
                alert.Severity,
                $"{who} misses its SLO too often",
                $"{{{{ $value | humanizePercentage }}}} of the requests of the last {alert.Long} missed {promise}: over {Text(alert.Factor)} times the rate at which the error budget lasts 30 days.",
                new JsonObject { ["long_window"] = alert.Long, ["short_window"] = alert.Short });
        }

        if (agent.Spec.Scaling.MinReplicas == 0)
        {
            // Nobody there is then as declared.
            yield break;
        }

        yield return Alert(
            AgentRuleNames.NotReady,
            $"sum {By} ({MetricNames.Ready}{{{selector}}}) == 0",
            "5m",
            AlertSeverity.Critical,
            $"{who} has no ready replica",
            "Replicas are there, and none has been ready for 5 minutes.",
            []);
        yield return Alert(
            AgentRuleNames.Silent,
            $"absent({MetricNames.Ready}{{{selector}}})",
            "15m",
            AlertSeverity.Warning,
            $"Prometheus sees no replica of {who}",
            "For 15 minutes no replica has been scraped: either none runs, or Prometheus does not reach them, and no other alert of this agent can fire.",
            []);
    }

    private static JsonObject Alert(string name, string expression, string? @for, string severity, string summary, string description, JsonObject labels)
    {
        labels["severity"] = severity;
        var rule = new JsonObject { ["alert"] = name, ["expr"] = expression };
        if (@for is not null)
        {
            rule["for"] = @for;
        }

        rule["labels"] = labels;
        rule["annotations"] = new JsonObject { ["summary"] = summary, ["description"] = description, ["runbook"] = $"docs/runbooks/{name}.md" };
        return rule;
    }

    private static string Quoted(string value) => '"' + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"';

    private static string Text(decimal value) => value.ToString("0.############", CultureInfo.InvariantCulture);
}
