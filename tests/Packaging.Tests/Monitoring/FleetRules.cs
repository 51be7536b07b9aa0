using InferenceOperator.Manifests;

namespace Packaging.Tests.Monitoring;

/// <summary>The rules over all agents that the chart and the monitoring overlay install.</summary>
internal static class FleetRules
{
    /// <summary>The <c>spec</c> of the PrometheusRule, which is a Prometheus rule file.</summary>
    public static JsonObject Spec() =>
        YamlReader.Read(File.ReadAllText(Repository.File("charts", "inference-operator", "files", "rules", "prometheusrule.yaml"))).Documents.Single().Content!["spec"]!.AsObject();

    public static IEnumerable<JsonObject> Rules() => RulesOf(Spec());

    public static IEnumerable<JsonObject> RulesOf(JsonObject spec) =>
        spec["groups"]!.AsArray().SelectMany(static group => group!["rules"]!.AsArray()).Select(static rule => rule!.AsObject());
}
