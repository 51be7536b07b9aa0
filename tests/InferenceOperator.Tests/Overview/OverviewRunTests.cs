using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Overview;
using InferenceOperator.Tests.Cluster.Kit;

namespace InferenceOperator.Tests.Overview;

public sealed class OverviewRunTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 31, 3, 4, 13, TimeSpan.Zero);

    [Theory]
    [InlineData("Table", "table.txt")]
    [InlineData("Wide", "wide.txt")]
    [InlineData("Json", "agents.json")]
    public async Task A_fleet_is_told_with_all_that_needs_a_look(string format, string golden)
    {
        var (code, output, errors) = await LookAsync(Fleet(), Enum.Parse<OverviewFormat>(format));

        Assert.Equal((3, ""), (code, errors));
        GoldenFile.AssertEqual(output, "Overview", "Golden", golden);
    }

    [Fact]
    public async Task One_agent_is_told_at_length()
    {
        var (code, output, _) = await LookAsync(Only("search"), name: "search");

        Assert.Equal(0, code);
        GoldenFile.AssertEqual(output, "Overview", "Golden", "one.txt");
    }

    [Theory]
    [InlineData(0, "search")]
    [InlineData(0, "sleeper")]
    [InlineData(0, "free")]
    [InlineData(3, "ranker")]
    [InlineData(3, "broken")]
    [InlineData(4, "edited")]
    [InlineData(4, "future")]
    [InlineData(4, "new")]
    [InlineData(4, "stale")]
    public async Task The_exit_code_says_whether_somebody_has_to_look(int expected, string name) =>
        Assert.Equal(expected, (await LookAsync(Only(name))).Code);

    [Fact]
    public async Task The_worst_agent_decides_on_the_exit_code() =>
        Assert.Equal(4, (await LookAsync([.. Only("search"), .. Only("new")])).Code);

    [Fact]
    public async Task An_agent_that_is_not_there_is_a_failure_and_an_empty_namespace_is_none()
    {
        Assert.Equal((1, "", "there is no InferenceAgent ranker in namespace ads\n"), await LookAsync([], name: "ranker"));
        Assert.Equal((0, "", "there is no InferenceAgent in namespace ads\n"), await LookAsync([]));
        Assert.Equal((0, "{\n  \"agents\": []\n}\n", "there is no InferenceAgent in namespace ads\n"), await LookAsync([], OverviewFormat.Json));
    }

    [Fact]
    public async Task Agents_in_trouble_are_told_up_to_a_bound_and_counted_beyond()
    {
        var many = Enumerable.Range(0, OverviewText.ToldMax + 7).Select(static i =>
        {
            var agent = Only("broken").Single();
            agent["metadata"]!["name"] = $"broken-{i:00}";
            return agent;
        });

        var (_, output, _) = await LookAsync([.. many]);

        Assert.Contains("7 more need a look", output, StringComparison.Ordinal);
        Assert.EndsWith("27 agents: 27 answer no request; 0 GPUs\n", output, StringComparison.Ordinal);
        Assert.Equal(OverviewText.ToldMax, output.Split("answers no request:").Length - 1);
    }

    [Fact]
    public async Task Text_of_others_cannot_steer_the_terminal()
    {
        var agent = Only("broken").Single();
        foreach (var condition in agent["status"]!["conditions"]!.AsArray())
        {
            condition!["message"] = "gone\e[2J\r\nfine";
        }

        var (_, output, _) = await LookAsync([agent]);

        Assert.DoesNotContain('\e', output);
        Assert.DoesNotContain('\r', output);
        Assert.Contains("gone [2J  fine", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, null, "xterm", true)]
    [InlineData(true, "", "xterm", true)]
    [InlineData(true, "1", "xterm", false)]
    [InlineData(true, null, "dumb", false)]
    [InlineData(false, null, "xterm", false)]
    public async Task Colours_are_for_terminals_that_want_them(bool isTerminal, string? noColour, string term, bool coloured)
    {
        var style = TerminalStyle.For(isTerminal, name => name switch { "NO_COLOR" => noColour, "TERM" => term, _ => null });

        var (_, output, _) = await LookAsync([.. Only("search"), .. Only("ranker"), .. Only("edited")], style: style);

        Assert.Equal(coloured, output.Contains("\e[31mads", StringComparison.Ordinal));
        Assert.Equal(coloured, output.Contains("\e[33mshop", StringComparison.Ordinal));
        var search = Assert.Single(output.Split('\n'), static line => line.Contains("search", StringComparison.Ordinal));
        Assert.DoesNotContain('\e', search);
    }

    [Fact]
    public async Task A_watch_tells_what_is_news_goes_on_after_a_failure_and_ends_with_the_last_code()
    {
        var clock = new SimulatedClock(Now);
        using var stop = new CancellationTokenSource();
        var looks = new Queue<Func<ImmutableArray<JsonObject>>>([
            static () => Only("search"),
            static () => Only("search"),
            static () => throw new IOException("the API server is away"),
            static () => Only("ranker"),
        ]);
        var (output, errors) = (new StringWriter(), new StringWriter());
        var question = new OverviewQuestion(null, "namespace ads", OverviewFormat.Json, TimeSpan.FromSeconds(5));
        var run = new OverviewRun(question, _ => Task.FromResult(looks.Dequeue()()), TerminalStyle.Plain, output, errors, clock).RunAsync(stop.Token);
        while (looks.Count > 0)
        {
            await UntilItPausesAsync(clock);
            clock.AdvanceToNextTimer();
        }

        await UntilItPausesAsync(clock);
        await stop.CancelAsync();

        Assert.Equal(3, await run);
        Assert.Equal(["search", "ranker"], output.ToString().TrimEnd('\n').Split('\n').Select(static line => (string?)JsonNode.Parse(line)!["agents"]![0]!["name"]));
        Assert.Equal("the API server is away\n", errors.ToString());
    }

    [Fact]
    public async Task A_watch_on_a_terminal_draws_over_what_it_drew()
    {
        var clock = new SimulatedClock(Now);
        using var stop = new CancellationTokenSource();
        var output = new StringWriter();
        var question = new OverviewQuestion(null, "namespace ads", OverviewFormat.Table, TimeSpan.FromSeconds(5));
        var run = new OverviewRun(question, _ => Task.FromResult(Only("search")), new(IsTerminal: true, Colours: false), output, TextWriter.Null, clock).RunAsync(stop.Token);
        for (var looks = 1; looks < 3; looks++)
        {
            await UntilItPausesAsync(clock);
            clock.Advance(TimeSpan.FromSeconds(5));
        }

        await UntilItPausesAsync(clock);
        await stop.CancelAsync();

        Assert.Equal(0, await run);
        Assert.Equal(3, output.ToString().Split("\e[H\e[2J").Length - 1);
    }

    private static Task UntilItPausesAsync(SimulatedClock clock) => ClientExtensions.UntilAsync(() => clock.NextTimer is not null, "it never paused");

    private static async Task<(int Code, string Output, string Errors)> LookAsync(
        ImmutableArray<JsonObject> agents, OverviewFormat format = OverviewFormat.Table, string? name = null, TerminalStyle? style = null)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var question = new OverviewQuestion(name, "namespace ads", format, Again: null);
        var code = await new OverviewRun(question, _ => Task.FromResult(agents), style ?? TerminalStyle.Plain, output, errors, new SimulatedClock(Now)).RunAsync(CancellationToken.None);
        return (code, output.ToString(), errors.ToString());
    }

    private static ImmutableArray<JsonObject> Fleet()
    {
        var list = JsonNode.Parse(File.ReadAllText(Repository.File("tests", "InferenceOperator.Tests", "Overview", "fleet.json")))!;
        return [.. list["items"]!.AsArray().Select(static item => item!.AsObject())];
    }

    private static ImmutableArray<JsonObject> Only(string name) => [.. Fleet().Where(agent => (string?)agent["metadata"]!["name"] == name)];
}
