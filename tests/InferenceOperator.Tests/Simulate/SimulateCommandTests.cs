using System.Diagnostics;
using System.Xml.Linq;

namespace InferenceOperator.Tests.Simulate;

/// <summary>The command as a person starts it: a process of its own.</summary>
public sealed class SimulateCommandTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("simulate-command-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_compares_policies_and_writes_files_that_stand_alone()
    {
        string[] options =
        [
            "--arrivals", "step:500:2500:5m:10m", "--policy", "operator,hpa-rate=60,oracle", "--seeds", "2", "--warm-up", "2m",
            "--out", Path.Combine(_folder, "runs.csv"), "--series", Path.Combine(_folder, "series.csv"), "--report", Path.Combine(_folder, "report.html"),
        ];
        var (code, output, errors) = await RunAsync(options);

        Assert.True(code == 0, errors);
        Assert.Equal("", errors);
        Assert.Contains("operator", output, StringComparison.Ordinal);
        var runs = await File.ReadAllLinesAsync(Path.Combine(_folder, "runs.csv"));
        Assert.Equal(1 + (3 * 2), runs.Length);
        Assert.StartsWith("policy,seed,attainment_percent,violations,", runs[0], StringComparison.Ordinal);
        Assert.StartsWith("hpa-rate=60,2,", runs[4], StringComparison.Ordinal);
        Assert.Equal(1 + (3 * 96), (await File.ReadAllLinesAsync(Path.Combine(_folder, "series.csv"))).Length);

        var page = await File.ReadAllTextAsync(Path.Combine(_folder, "report.html"));
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        var plots = page.Split("<svg").Skip(1).Select(static part => XElement.Parse("<svg" + part[..(part.IndexOf("</svg>", StringComparison.Ordinal) + 6)])).ToList();
        Assert.Equal(4, plots.Count);
        Assert.Equal([1, 1, 3, 3], plots.Select(static p => p.Descendants("path").Count()));
        Assert.Equal(3, plots[0].Descendants("circle").Count());
    }

    [Fact]
    public async Task It_overwrites_only_when_told_to()
    {
        var path = Path.Combine(_folder, "runs.csv");
        await File.WriteAllTextAsync(path, "mine");
        string[] options = ["--arrivals", "poisson:50:2m", "--policy", "static-mean", "--warm-up", "1m", "--out", path];

        var (code, _, errors) = await RunAsync(options);
        Assert.Equal((2, "mine"), (code, await File.ReadAllTextAsync(path)));
        Assert.Contains("--force", errors, StringComparison.Ordinal);

        Assert.Equal(0, (await RunAsync([.. options, "--force"])).Code);
        Assert.StartsWith("policy,", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "either --trace FILE or --arrivals")]
    [InlineData(2, "'hpa' is no policy", "--arrivals", "poisson:50:10m", "--policy", "hpa")]
    [InlineData(2, "--warm-up: the arrivals last 120 s", "--arrivals", "poisson:50:2m")]
    [InlineData(2, "--replicas: '5' is not MIN..MAX", "--arrivals", "poisson:50:2m", "--replicas", "5")]
    [InlineData(1, "nowhere.csv", "--trace", "nowhere.csv")]
    public async Task A_wrong_option_is_named(int expected, string complaint, params string[] options)
    {
        var (code, _, errors) = await RunAsync(options);

        Assert.Equal(expected, code);
        Assert.Contains(complaint, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_help_names_every_policy_and_both_trace_formats()
    {
        var (code, output, _) = await RunAsync(["-h"]);

        Assert.Equal(0, code);
        Assert.All(Core.Simulation.Runs.PolicyCatalog.All, p => Assert.Contains(p.Name, output, StringComparison.Ordinal));
        Assert.All(new[] { "window_start_s,rate_per_s,cv", "TIMESTAMP", "--report", "Exit codes" }, text => Assert.Contains(text, output, StringComparison.Ordinal));
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string[] options)
    {
        using var process = Process.Start(new ProcessStartInfo(Repository.Program("InferenceOperator", "inference-operator"), ["simulate", .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience);
        return (process.ExitCode, await output, await errors);
    }
}
