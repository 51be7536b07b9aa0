using System.Text.RegularExpressions;

namespace Packaging.Tests.Monitoring;

/// <summary>The Grafana dashboards ask only for what there is.</summary>
public sealed partial class DashboardTests
{
    public static TheoryData<string> Dashboards() => new(Directory.GetFiles(Repository.File("charts", "inference-operator", "files", "dashboards"), "*.json").Select(Path.GetFileName).OfType<string>());

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Every_query_names_series_that_exist(string file)
    {
        var dashboard = Read(file);
        var expressions = Panels(dashboard).SelectMany(static panel => panel["targets"]?.AsArray() ?? []).Select(static target => (string)target!["expr"]!)
            .Concat(Variables(dashboard).Select(static variable => (string)variable["query"]!["query"]!)).ToArray();

        Assert.True(expressions.Length > 5);
        Assert.All(expressions, static expression =>
        {
            var used = MetricCatalog.Used(expression).ToArray();
            Assert.NotEmpty(used);
            Assert.Empty(used.Except(MetricCatalog.Names));
        });
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Every_variable_is_declared_and_every_panel_has_a_place_of_its_own(string file)
    {
        var dashboard = Read(file);
        var declared = dashboard["templating"]!["list"]!.AsArray().Select(static variable => (string)variable!["name"]!).ToHashSet();
        var used = Variable().Matches(dashboard.ToJsonString()).Select(static match => match.Groups[1].Value).Where(static name => name.Length > 0).ToHashSet();
        Assert.Subset(declared, used);

        var panels = Panels(dashboard).ToArray();
        Assert.Equal(panels.Length, panels.Select(static panel => (int)panel["id"]!).Distinct().Count());
        Assert.Equal(panels.Length, panels.Select(static panel => ((int)panel["gridPos"]!["x"]!, (int)panel["gridPos"]!["y"]!)).Distinct().Count());
        Assert.All(panels, static panel => Assert.InRange((int)panel["gridPos"]!["x"]! + (int)panel["gridPos"]!["w"]!, 1, 24));
    }

    private static JsonObject Read(string file) => JsonNode.Parse(File.ReadAllText(Repository.File("charts", "inference-operator", "files", "dashboards", file)))!.AsObject();

    private static IEnumerable<JsonObject> Panels(JsonObject dashboard) => dashboard["panels"]!.AsArray().Select(static panel => panel!.AsObject());

    private static IEnumerable<JsonObject> Variables(JsonObject dashboard) =>
        dashboard["templating"]!["list"]!.AsArray().Select(static variable => variable!.AsObject()).Where(static variable => (string?)variable["type"] == "query");

    [GeneratedRegex("""\$\{?([a-z_]+)\}?""")]
    private static partial Regex Variable();
}
