using InferenceOperator.Commands;
using InferenceOperator.Core.Control;

namespace InferenceOperator.Tests.Decisions;

public sealed class ReplayCommandTests : IDisposable
{
    private readonly LogFolder _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Logs_that_come_out_the_same_are_good()
    {
        var first = Log("a", Line(900), "", Line(300), Line(5000));
        var second = Log("b", Line(100));

        Assert.Equal((0, "4 decisions come out again byte for byte.\n", ""), await ReplayAsync(first, second));
        Assert.Equal((0, "1 decision comes out again byte for byte.\n", ""), await ReplayAsync(second));
    }

    [Fact]
    public async Task A_decision_that_comes_out_another_is_shown_field_by_field()
    {
        var line = Line(900);
        var log = Log("log", line, line.Replace("\"generation\":3", "\"generation\":4", StringComparison.Ordinal).Replace("\"requiredReplicas\":", "\"requiredReplicas\":7", StringComparison.Ordinal));

        var (code, output, _) = await ReplayAsync(log);

        Assert.Equal(1, code);
        var required = DecisionRules.Decide(Bases.Busy()).RequiredReplicas;
        Assert.Equal($"{log}:2: another decision comes out\n  requiredReplicas: recorded 7{required}, decided {required}\n1 decision comes out again byte for byte, 1 not.\n", output);
    }

    [Fact]
    public async Task Unknown_rules_and_damaged_lines_are_named_with_their_number()
    {
        var log = Log("log", Line(900), Line(900).Replace("{\"rules\":1,", "{\"rules\":2147483647,", StringComparison.Ordinal), "nonsense", Line(800));

        var (code, output, _) = await ReplayAsync(log);

        Assert.Equal(1, code);
        Assert.Contains($"{log}:2: made by rules 2147483647; this release knows ", output, StringComparison.Ordinal);
        Assert.Contains($"{log}:3: damaged: ", output, StringComparison.Ordinal);
        Assert.EndsWith("2 decisions come out again byte for byte, 1 of rules that this release does not know, 1 damaged.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_a_crash_cut_short_is_told_and_does_no_harm()
    {
        var log = Log("log", Line(900), Line(900)[..700], Line(700), Line(900)[..1500]);

        var (code, output, _) = await ReplayAsync(log);

        Assert.Equal((0, $"{log}:2: cut short; the operator was stopped while it wrote this\n{log}:4: cut short; the operator was stopped while it wrote this\n2 decisions come out again byte for byte, 2 cut short.\n"), (code, output));
    }

    [Fact]
    public async Task Only_the_agent_asked_for_counts()
    {
        var log = Log("log", Line(900), Line(900, "shop/ranker"), Line(900, "shop/other").Replace("\"rule\":\"", "\"rule\":\"X", StringComparison.Ordinal));

        Assert.Equal(0, (await ReplayAsync(log, "--agent", "ads/ranker")).Code);
        Assert.Equal((0, "2 decisions come out again byte for byte.\n"), (await ReplayAsync(log, "--agent", "ranker")) switch { var r => (r.Code, r.Output) });
        Assert.Equal(1, (await ReplayAsync(log, "--agent", "other")).Code);
    }

    [Fact]
    public async Task Lines_of_any_length_are_read_in_bounded_memory()
    {
        var log = Log("log", Line(900), new string('x', 3_000_000), Line(800), new string('y', 1 << 20));

        var (code, output, _) = await ReplayAsync(log);

        Assert.Equal(1, code);
        Assert.Contains($"{log}:2: damaged: it is longer than 1048576 bytes\n", output, StringComparison.Ordinal);
        Assert.Contains($"{log}:4: damaged: 'y' is an invalid start of a value", output, StringComparison.Ordinal);
        Assert.EndsWith("2 decisions come out again byte for byte, 2 damaged.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_very_many_findings_the_first_are_told()
    {
        var (_, output, _) = await ReplayAsync(Log("log", [.. Enumerable.Repeat("nonsense", 250)]));

        Assert.Equal(102, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("… and 150 more lines\n0 decisions come out again byte for byte, 250 damaged.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var (code, _, errors) = await ReplayAsync(Path.Combine(_logs.Path, "nowhere"));

        Assert.Equal(1, code);
        Assert.Contains("nowhere", errors, StringComparison.Ordinal);
    }

    private static Task<(int Code, string Output, string Errors)> ReplayAsync(params string[] arguments) => CommandUnderTest.RunAsync(ReplayCommand.Create(), arguments);

    private static string Line(double rows, string agent = "ads/ranker") => LogFolder.Line(rows, agent);

    private string Log(string name, params string[] lines) => _logs.Write(name, lines);
}
