using System.Reflection;
using System.Text.RegularExpressions;
using InferenceOperator.Cluster.Alerting;
using InferenceOperator.Cluster.Serving;
using InferenceOperator.Metrics;
using InferenceRuntime.Contract;

namespace Packaging.Tests.Monitoring;

/// <summary>Every series that the programs expose or that rules record, by name.</summary>
internal static partial class MetricCatalog
{
    private static readonly string[] Histograms = [MetricNames.RequestSeconds, MetricNames.BatchRows];

    /// <summary>The names that a query may use.</summary>
    public static IReadOnlySet<string> Names { get; } = new HashSet<string>(
    [
        .. Constants(typeof(MetricNames)).Except(Histograms),
        .. Constants(typeof(OperatorMetricNames)),
        .. Constants(typeof(OperatorMetrics)),
        .. Histograms.SelectMany(static name => new[] { name + "_bucket", name + "_sum", name + "_count" }),
        .. FleetRules.Rules().Where(static rule => rule["record"] is not null).Select(static rule => (string)rule["record"]!),
        AgentRuleNames.Objective, AgentRuleNames.RequestRate, .. BurnRateAlert.Windows.Select(AgentRuleNames.MissRatio),
    ]);

    /// <summary>The metric names in a query.</summary>
    public static IEnumerable<string> Used(string expression) =>
        Name().Matches(Label().Replace(expression, "")).Select(static match => match.Value).Distinct();

    private static IEnumerable<string> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(static field => field.IsLiteral).Select(static field => (string)field.GetRawConstantValue()!); // They are texts.

    /// <summary>Selectors, label lists and template variables hold no metric.</summary>
    [GeneratedRegex("""\{[^}]*\}|\b(by|on|ignoring|group_left|group_right)\s*\([^)]*\)|"[^"]*"|label_values""")]
    private static partial Regex Label();

    [GeneratedRegex("""\b((inference|process)_[a-z0-9_]+|(agent|fleet):[a-z0-9_:]+)\b""")]
    private static partial Regex Name();
}
