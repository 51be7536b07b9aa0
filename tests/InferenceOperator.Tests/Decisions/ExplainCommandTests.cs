using InferenceOperator.Commands;

namespace InferenceOperator.Tests.Decisions;

public sealed class ExplainCommandTests : IDisposable
{
    private readonly LogFolder _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task The_latest_decision_is_explained_unless_others_are_asked_for()
    {
        var log = Log(Line(900, minute: 1), Line(1000, minute: 2), Line(1100, minute: 3));

        Assert.Equal(["03:03"], Times(await ExplainAsync(log)));
        Assert.Equal(["03:02", "03:03"], Times(await ExplainAsync(log, "--last", "2")));
        Assert.Equal(["03:01", "03:02", "03:03"], Times(await ExplainAsync(log, "--last", "5")));
        Assert.Equal(["03:02"], Times(await ExplainAsync(log, "--at", "2030-01-31T03:02:59Z")));
        Assert.Equal(["03:02"], Times(await ExplainAsync(log, "--at", "2030-01-31 05:02+02:00")));
    }

    [Fact]
    public async Task An_agent_has_to_be_named_where_there_are_several()
    {
        var log = Log(Line(900, minute: 1), Line(900, minute: 2, "ads/other"), Line(900, minute: 3, "shop/other"));

        var (code, _, errors) = await CommandUnderTest.RunAsync(ExplainCommand.Create(), log);
        Assert.Equal((1, true), (code, errors.Contains("name one with --agent: ads/other, ads/ranker, shop/other", StringComparison.Ordinal)));

        Assert.Equal(["03:01"], Times(await ExplainAsync(log, "--agent", "ranker")));
        Assert.Equal(["03:03"], Times(await ExplainAsync(log, "--agent", "shop/other")));
        Assert.Equal(1, (await CommandUnderTest.RunAsync(ExplainCommand.Create(), log, "--agent", "other")).Code);
    }

    [Fact]
    public async Task What_cannot_be_read_is_passed_over_and_told()
    {
        var future = Line(900, minute: 9).Replace("{\"rules\":1,", "{\"rules\":77,", StringComparison.Ordinal);
        var log = Log(Line(900, minute: 1), "nonsense", "{\"rules\":1}", future, Line(900, minute: 2)[..500]);

        var (code, output, errors) = await CommandUnderTest.RunAsync(ExplainCommand.Create(), log);

        Assert.Equal((0, "03:01"), (code, Assert.Single(Times(output))));
        Assert.Contains("3 lines could not be read", errors, StringComparison.Ordinal);
        Assert.Contains("rules 77", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "begins only at 2030-01-31 03:01:00Z", "--at", "2030-01-31T03:00:00Z")]
    [InlineData(1, "holds no decision on digits", "--agent", "digits")]
    [InlineData(2, "--at: 'noon'", "--at", "noon")]
    [InlineData(2, "--last: '0'", "--last", "0")]
    [InlineData(2, "--last: '1001'", "--last", "1001")]
    public async Task What_there_is_not_is_said(int expected, string complaint, params string[] options)
    {
        var (code, output, errors) = await CommandUnderTest.RunAsync(ExplainCommand.Create(), [Log(Line(900, minute: 1)), .. options]);

        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(complaint, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var (code, _, errors) = await CommandUnderTest.RunAsync(ExplainCommand.Create(), Path.Combine(_logs.Path, "nowhere"));

        Assert.Equal(1, code);
        Assert.Contains("nowhere", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_as_kubectl_gives_it_is_explained()
    {
        var path = Repository.File("tests", "InferenceOperator.Tests", "Decisions", "agent.json");

        var (code, output, errors) = await CommandUnderTest.RunAsync(ExplainCommand.Create(), path);

        Assert.Equal((0, ""), (code, errors));
        GoldenFile.AssertEqual(output, "Decisions", "Golden", "status.txt");

        var list = Path.Combine(_logs.Path, "list.json");
        await File.WriteAllTextAsync(list, $$"""{"apiVersion": "v1", "kind": "List", "items": [{"kind": "Pod"}, {{(await File.ReadAllTextAsync(path)).ReplaceLineEndings(" ")}}]}""");
        Assert.Equal((0, output, ""), await CommandUnderTest.RunAsync(ExplainCommand.Create(), list));
    }

    [Theory]
    [InlineData("{\n\"kind\": \"Pod\"}", "holds no InferenceAgent")]
    [InlineData("{\n\"kind\": ", "is neither a log of decisions nor the JSON of an InferenceAgent")]
    [InlineData("", "holds no decision")]
    public async Task Other_files_are_refused(string text, string complaint)
    {
        var (code, _, errors) = await CommandUnderTest.RunAsync(ExplainCommand.Create(), Log(text));

        Assert.Equal(1, code);
        Assert.Contains(complaint, errors, StringComparison.Ordinal);
    }

    private static string Line(double rows, int minute, string agent = "ads/ranker") => LogFolder.Line(rows, agent, new(2030, 1, 31, 3, minute, 0, TimeSpan.Zero));

    private string Log(params string[] lines) => _logs.Write("decisions.jsonl", lines);

    private static async Task<string> ExplainAsync(params string[] arguments)
    {
        var (code, output, errors) = await CommandUnderTest.RunAsync(ExplainCommand.Create(), arguments);
        Assert.Equal((0, ""), (code, errors));
        return output;
    }

    private static IEnumerable<string> Times(string output) => output.Split('\n').Where(static l => l.Contains(" at 2030-01-31 ", StringComparison.Ordinal)).Select(static l => l.Split(" at 2030-01-31 ")[1][..5]);
}
