using System.Globalization;
using System.Text.Json;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>
/// One run of the local mode as a person starts it, under load that steps to four times its rate: real processes, real clocks, a real model.
/// </summary>
/// <param name="plan">The load and the objective.</param>
/// <param name="folder">Where files go.</param>
internal sealed class LocalStep(StepPlan plan, string folder)
{
    private readonly List<StepSecond> _seconds = [];

    /// <summary>What others took of the cores during the load.</summary>
    public OthersUse Others { get; private set; } = new();

    /// <summary>Seconds of one row alone, the median; what the load is made for this machine by.</summary>
    public static async Task<double> RowSecondsAsync(string folder, CancellationToken cancellationToken)
    {
        var said = await LocalMode.OutputAsync(LocalMode.Runtime, ["predict", "--model", LanguageAgent.Model, "--input", LanguageAgent.Input, "--output", Path.Combine(folder, "answers.csv")], cancellationToken);
        using var document = JsonDocument.Parse(said.TrimEnd().Split('\n')[^1]);
        return document.RootElement.GetProperty("medianMs").GetDouble() / 1000;
    }

    /// <summary>Runs it, a minute and a half.</summary>
    public async Task<StepOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var local = await LocalMode.StartAsync(LanguageAgent.Manifest(plan, Invariant($"{100 * plan.SloShare}")), folder, cancellationToken);
        await using (local)
        {
            var report = Path.Combine(folder, "load.json");
            using var load = LanguageAgent.StartLoad(local, plan, report);
            Others = new OthersUse();
            while (await load.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                _seconds.Add(StepSecond.Of(line, await local.AgentAsync(cancellationToken), Others.Look()));
            }

            await load.WaitForExitAsync(cancellationToken);
            var agent = await local.AgentAsync(cancellationToken);
            return StepOutcome.Of(await File.ReadAllTextAsync(report, cancellationToken), agent, StartUps(await File.ReadAllLinesAsync(local.Decisions, cancellationToken)), _seconds);
        }
    }

    /// <summary>Seconds from wanted to ready as the operator knew them at a time, from the records of its decisions.</summary>
    private static Func<DateTimeOffset, double> StartUps(string[] decisions)
    {
        var known = decisions.Select(static line =>
        {
            using var document = JsonDocument.Parse(line);
            var basis = document.RootElement.GetProperty("basis");
            return (At: basis.GetProperty("at").GetDateTimeOffset(), Seconds: TimeSpan.Parse(basis.GetProperty("startUp").GetString()!, CultureInfo.InvariantCulture).TotalSeconds); // The operator writes no null.
        }).ToList();
        return at => known.Last(record => record.At <= at).Seconds;
    }
}
