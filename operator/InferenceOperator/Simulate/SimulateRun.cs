using System.Collections.Immutable;
using InferenceOperator.Core.Simulation.Runs;
using InferenceOperator.Simulate.Report;
using Spectre.Console;

namespace InferenceOperator.Simulate;

/// <summary>Runs a comparison, shows its progress on a terminal, prints the table and writes the files.</summary>
/// <param name="options">What to do.</param>
/// <param name="output">Gets the table.</param>
/// <param name="errors">Gets the progress, on a terminal only.</param>
internal sealed class SimulateRun(SimulateOptions options, TextWriter output, TextWriter errors)
{
    private const int PlainWidth = 400;

    /// <param name="mayOverwrite">True: files that exist are written anew.</param>
    /// <param name="cancellationToken">Ends it without a file.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public async Task RunAsync(bool mayOverwrite, CancellationToken cancellationToken)
    {
        var capacity = ReplicaCapacity.Find(options.Scenario.Plant, options.Scenario.SloSeconds, options.Scenario.SloShare);
        var results = Simulate(capacity, cancellationToken);
        Show(capacity, results);
        await WriteAsync(options.CsvPath, () => ResultFiles.Runs(results), mayOverwrite, cancellationToken).ConfigureAwait(false);
        await WriteAsync(options.SeriesPath, () => ResultFiles.Series(results), mayOverwrite, cancellationToken).ConfigureAwait(false);
        await WriteAsync(options.ReportPath, () => new HtmlReport(options, capacity, results).Render(), mayOverwrite, cancellationToken).ConfigureAwait(false);
    }

    private ImmutableArray<RunResult> Simulate(ReplicaCapacity capacity, CancellationToken cancellationToken)
    {
        if (Console.IsErrorRedirected)
        {
            return SimulationJobs.Run(options, capacity, static _ => { }, cancellationToken);
        }

        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(errors) });
        return terminal.Progress().AutoClear(true).Start(progress =>
        {
            var task = progress.AddTask(Markup.Escape($"{options.Policies.Length} policies, {options.Seeds.Length} seeds"), maxValue: 1);
            return SimulationJobs.Run(options, capacity, task.Increment, cancellationToken);
        });
    }

    private void Show(ReplicaCapacity capacity, ImmutableArray<RunResult> results)
    {
        var console = AnsiConsole.Create(Console.IsOutputRedirected
            ? new() { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No }
            : new() { Out = new AnsiConsoleOutput(output) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = PlainWidth;
        }

        console.WriteLine(options.Title);
        console.WriteLine(FormattableString.Invariant($"One replica carries {capacity.Rate:0.#} requests/s within the SLO; the bound is {results[0].BoundGpuHours:0.##} GPU-hours."));
        console.Write(ResultTable.Of(results));
    }

    private static async Task WriteAsync(string? path, Func<string> text, bool mayOverwrite, CancellationToken cancellationToken)
    {
        if (path is null)
        {
            return;
        }

        var file = new FileStream(path, mayOverwrite ? FileMode.Create : FileMode.CreateNew, FileAccess.Write);
        await using (file.ConfigureAwait(false))
        {
            var writer = new StreamWriter(file);
            await using (writer.ConfigureAwait(false))
            {
                await writer.WriteAsync(text().AsMemory(), cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
