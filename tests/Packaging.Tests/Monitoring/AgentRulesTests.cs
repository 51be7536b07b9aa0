using System.Collections.Immutable;
using System.Globalization;
using InferenceOperator.Cluster.Alerting;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;
using InferenceOperator.Testing.Servers;

namespace Packaging.Tests.Monitoring;

/// <summary>The rules that follow from an agent's SLO.</summary>
public sealed class AgentRulesTests
{
    [Fact]
    public void They_are_of_this_agent_alone_and_name_series_that_exist()
    {
        var rules = Rules(Agent("ctr-ranker", "99"));

        Assert.All(rules, static rule =>
        {
            var expression = (string)rule["expr"]!;
            Assert.Empty(MetricCatalog.Used(expression).Except(MetricCatalog.Names));
            Assert.True(expression.StartsWith("vector(", StringComparison.Ordinal) || expression.Contains("""agent="ctr-ranker",agent_namespace="ads" """.Trim(), StringComparison.Ordinal), expression);
        });
        Assert.Equal(BurnRateAlert.Windows.Select(AgentRuleNames.MissRatio), rules.Select(static rule => (string?)rule["record"]).Where(static name => name?.Contains("miss", StringComparison.Ordinal) == true));
    }

    [Fact]
    public void Alerts_fire_at_the_burn_rates_of_the_workbook_and_those_that_no_miss_share_can_reach_are_left_out()
    {
        Assert.Equal(["0.144", "0.06", "0.03", "0.01"], Limits("99"));
        Assert.Equal(["0.0144", "0.006", "0.003", "0.001"], Limits("99.9"));
        Assert.Equal(["0.6", "0.3", "0.1"], Limits("90"));
        Assert.Equal(["0.5"], Limits("50"));
    }

    [Fact]
    public void Every_window_of_an_alert_is_recorded_and_burns_the_budget_that_its_factor_says()
    {
        Assert.All(BurnRateAlert.All, static alert =>
        {
            Assert.Contains(alert.Long, BurnRateAlert.Windows);
            Assert.Contains(alert.Short, BurnRateAlert.Windows);
            Assert.Equal(alert.Budget, alert.Factor * Hours(alert.Long) / (30 * 24) * 100);
            Assert.Equal(12, Math.Round(Hours(alert.Long) / Hours(alert.Short), 9));
        });
    }

    [Fact]
    public void An_agent_that_may_sleep_is_not_missed_when_it_does() =>
        Assert.Equal(
            [BurnRateAlert.Fast, BurnRateAlert.Slow],
            Rules(Agent("a", "99", minReplicas: 0)).Select(static rule => (string?)rule["alert"]).OfType<string>().Distinct());

    [Fact]
    public void The_object_carries_the_labels_that_Prometheus_looks_for_and_ends_with_its_agent()
    {
        var rule = PrometheusRuleManifest.Render(
            Agent("a", "99"),
            Assert.Single(ChildKind.PrometheusRule.Versions()),
            ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [new("release", "monitoring"), new KeyValuePair<string, string>("app.kubernetes.io/managed-by", "somebody")]));

        Assert.Equal("monitoring", (string?)rule["metadata"]!["labels"]!["release"]);
        Assert.Equal("inference-operator", (string?)rule["metadata"]!["labels"]!["app.kubernetes.io/managed-by"]);
        Assert.Equal("a", (string?)Assert.Single(rule["metadata"]!["ownerReferences"]!.AsArray())!["name"]);
        Assert.Equal(("a", "monitoring.coreos.com/v1"), ((string?)rule["metadata"]!["name"], (string?)rule["apiVersion"]));
    }

    [ServerFact(Server.Prometheus)]
    public async Task Promtool_accepts_them_and_they_fire_when_they_should_and_not_else()
    {
        using var folder = new TemporaryFolder();
        foreach (var percentile in new[] { "50", "90", "99", "99.95" })
        {
            var file = folder.Write($"rules-{percentile}.yaml", Spec(Agent("ranker", percentile)).ToJsonString());
            await Promtool.CheckAsync(file);
        }

        File.Move(folder.File("rules-99.yaml"), folder.File("rules.yaml"));
        foreach (var test in new[] { "agent-rules-test.yaml", "agent-rules-days-test.yaml" })
        {
            File.Copy(Repository.File("tests", "Packaging.Tests", "Monitoring", test), folder.File(test));
            await Promtool.TestAsync(folder.File(test));
        }
    }

    internal static InferenceAgent Agent(string name, string percentile, int minReplicas = 1) =>
        Assert.IsType<ManifestReading.Accepted>(AgentManifest.Read(JsonNode.Parse($$"""
            {"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferenceAgent", "metadata": {"name": "{{name}}", "namespace": "ads", "uid": "u"},
             "spec": {"model": {"uri": "pvc://m/a.onnx"}, "slo": {"latency": {"percentile": "{{percentile}}", "target": "50ms"} }, "scaling": {"minReplicas": {{minReplicas}} } } }
            """)!.AsObject())).Agent;

    internal static JsonObject Spec(InferenceAgent agent) => new() { ["groups"] = AgentRules.Groups(agent) };

    private static JsonObject[] Rules(InferenceAgent agent) => [.. FleetRules.RulesOf(Spec(agent))];

    private static IEnumerable<string> Limits(string percentile) =>
        Rules(Agent("a", percentile)).Where(static rule => rule["labels"]?["long_window"] is not null).Select(static rule => ((string)rule["expr"]!).Split(" > ")[1].Split(' ')[0]);

    private static decimal Hours(string window)
    {
        var number = decimal.Parse(window[..^1], CultureInfo.InvariantCulture);
        return window[^1] switch
        {
            'm' => number / 60,
            'h' => number,
            'd' => number * 24,
            _ => throw new FormatException(window),
        };
    }
}
