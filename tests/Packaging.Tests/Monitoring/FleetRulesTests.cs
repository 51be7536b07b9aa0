using InferenceOperator.Testing.Servers;

namespace Packaging.Tests.Monitoring;

/// <summary>The rules over all agents.</summary>
public sealed class FleetRulesTests
{
    [Fact]
    public void Rules_name_series_that_exist_and_alerts_say_how_bad_and_where_to_read_on()
    {
        Assert.All(FleetRules.Rules(), static rule =>
        {
            Assert.Empty(MetricCatalog.Used((string)rule["expr"]!).Except(MetricCatalog.Names));
            if ((string?)rule["alert"] is { } alert)
            {
                Assert.Contains((string?)rule["labels"]!["severity"], new[] { "critical", "warning" });
                Assert.Equal($"docs/runbooks/{alert}.md", (string?)rule["annotations"]!["runbook"]);
                Assert.NotEmpty((string)rule["annotations"]!["summary"]!);
                Assert.NotEmpty((string)rule["annotations"]!["description"]!);
            }
        });
    }

    [ServerFact(Server.Prometheus)]
    public async Task Promtool_accepts_them_and_they_fire_when_they_should_and_not_else()
    {
        using var folder = new TemporaryFolder();
        await Promtool.CheckAsync(folder.Write("rules.yaml", FleetRules.Spec().ToJsonString()));
        File.Copy(Repository.File("tests", "Packaging.Tests", "Monitoring", "fleet-rules-test.yaml"), folder.File("test.yaml"));

        await Promtool.TestAsync(folder.File("test.yaml"));
    }
}
