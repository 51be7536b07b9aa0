using System.CommandLine;
using System.Text.RegularExpressions;
using InferenceOperator.Commands;
using Packaging.Tests.Monitoring;

namespace Packaging.Tests.Runbooks;

/// <summary>Somebody who was just woken reads these.</summary>
public sealed partial class RunbookTests
{
    private static readonly string[] Verbs = ["get", "describe", "logs", "port-forward", "scale", "patch", "rollout", "top", "auth", "apply"];

    private static readonly RootCommand Operator = [ExplainCommand.Create(), ReplayCommand.Create(), PlanCommand.Create(), ValidateCommand.Create()];

    private static readonly string[] Names =
        [.. FleetRules.Rules().Concat(FleetRules.RulesOf(AgentRulesTests.Spec(AgentRulesTests.Agent("a", "99")))).Select(static rule => (string?)rule["alert"]).OfType<string>().Distinct()];

    public static TheoryData<string> Alerts() => new(Names);

    [Theory]
    [MemberData(nameof(Alerts))]
    public void Every_alert_has_a_page_that_says_why_what_to_look_at_and_what_to_do(string alert)
    {
        var text = File.ReadAllText(Repository.File("docs", "runbooks", alert + ".md"));

        Assert.StartsWith($"# {alert}\n", text, StringComparison.Ordinal);
        Assert.Equal(["## Cause", "## Look", "## Do"], text.Split('\n').Where(static line => line.StartsWith("## ", StringComparison.Ordinal)));
        Assert.Contains($"[{alert}]({alert}.md)", File.ReadAllText(Repository.File("docs", "runbooks", "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_page_is_of_an_alert_that_exists_and_links_to_pages_that_do() =>
        Assert.All(Directory.EnumerateFiles(Repository.File("docs", "runbooks"), "*.md"), static file =>
        {
            var name = Path.GetFileNameWithoutExtension(file);
            Assert.True(name == "README" || Names.Contains(name), $"{name} is no alert");
            Assert.All(Link().Matches(File.ReadAllText(file)), static link => Assert.True(File.Exists(Repository.File("docs", "runbooks", link.Groups[1].Value)), link.Value));
        });

    [Fact]
    public void Every_command_on_them_is_one_that_exists()
    {
        var commands = Directory.EnumerateFiles(Repository.File("docs", "runbooks"), "*.md").SelectMany(static file => Commands(File.ReadAllText(file))).ToArray();

        Assert.Contains(commands, static command => command.StartsWith("inference-operator explain", StringComparison.Ordinal));
        Assert.All(commands, static command =>
        {
            var words = command.Split(' ');
            switch (words[0])
            {
                case "inference-operator":
                    Assert.Empty(Operator.Parse(words[1..]).Errors);
                    break;
                case "kubectl":
                    Assert.Contains(words[1..].First(static word => word is not ("-n" or "inference-operator" or "NAMESPACE")), Verbs);
                    break;
                default:
                    Assert.Equal("curl", words[0]);
                    break;
            }
        });
    }

    /// <summary>The lines of code blocks, and what stands in text between back-ticks and begins like a command.</summary>
    private static IEnumerable<string> Commands(string text) =>
        Block().Matches(text).SelectMany(static block => block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Concat(Inline().Matches(text).Select(static inline => inline.Groups[1].Value));

    [GeneratedRegex("""```\n(.*?)```""", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("""`((?:kubectl|inference-operator) [^`\n]+)`""")]
    private static partial Regex Inline();

    [GeneratedRegex("""\]\(([A-Za-z]+\.md)\)""")]
    private static partial Regex Link();
}
