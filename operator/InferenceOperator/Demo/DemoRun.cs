using System.Runtime.CompilerServices;
using System.Text.Json;
using InferenceOperator.Commands;
using InferenceOperator.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Local;
using Spectre.Console;
using static System.FormattableString;

namespace InferenceOperator.Demo;

/// <summary>
/// The whole story on one machine: the local mode on a real model, real rows as requests in three phases of open-loop load, a
/// table of what happens, and a verdict that holds every reply against what the model answers for that row alone.
/// </summary>
internal sealed class DemoRun(DemoOptions options, ILoggerFactory loggers, IAnsiConsole console, TimeProvider time)
{
    private readonly LoadProcess _runtime = new(options.Local.Runtime.Program, options.Local.Runtime.Arguments);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile AgentReport? _last;
    private volatile string _decision = "";

    /// <summary>Runs the demo; the exit code tells whether every promise was kept.</summary>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("inference-demo-").FullName;
        try
        {
            var host = await LocalHost.StartAsync(options.Local, loggers.CreateLogger("InferenceOperator.Local"), static _ => { }, time, stop).ConfigureAwait(false);
            await using (host.ConfigureAwait(false))
            {
                host.Agents.Reported += Take;
                var verdict = await RunAsync(host, folder, stop).ConfigureAwait(false);
                await host.StopAsync(stop).ConfigureAwait(false);
                return verdict ? ExitCodes.Done : ExitCodes.Failed;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception exception) when (exception is LocalStartException or InvalidOperationException or IOException)
        {
            console.WriteLine(exception.Message);
            return ExitCodes.Failed;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<bool> RunAsync(LocalHost host, string folder, CancellationToken stop)
    {
        var agent = host.Agents.Views is [{ Agent: { } only }] ? only : throw new InvalidOperationException("the demo's manifest has to declare one agent");
        var slo = agent.Spec.Slo?.Latency.Target.ToTimeSpan() ?? throw new InvalidOperationException("the demo's manifest has to declare an SLO");
        var model = ModelLocation.Parse(agent.Spec.Model.Uri) is ModelLocation.LocalFile file ? file.Path : throw new InvalidOperationException("the demo's model has to be a file");
        var expected = Path.Combine(folder, "expected.csv");
        var report = Path.Combine(folder, "load.json");

        console.WriteLine(Invariant($"Model {Path.GetFileName(model)}, SLO: p{agent.Spec.Slo.Latency.Percentile} within {slo.TotalMilliseconds} ms."));
        console.WriteLine("Asking the model for each row alone, to hold every reply against ...");
        var row = await PredictAsync(model, expected, stop).ConfigureAwait(false);
        var phases = options.Phases ?? DemoPhases.For(row);
        console.WriteLine(Invariant($"It takes {row.TotalMilliseconds:0.00} ms a row. Load in requests/s of {DemoPhases.RowsPerRequest} rows: {phases}."));
        await _ready.Task.WaitAsync(TimeSpan.FromSeconds(30), time, stop).ConfigureAwait(false);

        string[] load =
        [
            "bench", "--url", host.Address.GetLeftPart(UriPartial.Authority), "--model", agent.Metadata.Name, "--phases", phases,
            "--input", options.Input, "--expect", expected, "--rows", Invariant($"{DemoPhases.RowsPerRequest}"), "--warmup", "1s", "--slo", Invariant($"{slo.TotalMilliseconds}ms"), "--hold", "--connections", "512", "--progress", "--output", report,
        ];
        var table = new DemoTable(console, slo);
        await table.ShowAsync(SecondsAsync(load, stop), stop).ConfigureAwait(false);

        var verdict = DemoVerdict.Of(table.Seconds, LoadTotals.Parse(await File.ReadAllTextAsync(report, stop).ConfigureAwait(false)), slo);
        Summarize(verdict);
        return verdict.Kept;
    }

    /// <summary>Writes what the model answers for each row alone; gives the median time of a row.</summary>
    private async Task<TimeSpan> PredictAsync(string model, string expected, CancellationToken stop)
    {
        var said = "";
        string[] predict = ["predict", "--model", model, "--input", options.Input, "--output", expected];
        await foreach (var line in _runtime.LinesAsync(predict, [0], signal: null, stop).ConfigureAwait(false))
        {
            said = line;
        }

        using var document = JsonDocument.Parse(said);
        return TimeSpan.FromMilliseconds(document.RootElement.GetProperty("medianMs").GetDouble());
    }

    private async IAsyncEnumerable<DemoSecond> SecondsAsync(string[] load, [EnumeratorCancellation] CancellationToken stop)
    {
        // Status 1: some request was lost or answered wrongly; the verdict says so.
        await foreach (var line in _runtime.LinesAsync(load, [0, 1], _grown.Task, stop).ConfigureAwait(false))
        {
            var replicas = _last?.Workload.Replicas ?? [];
            yield return new DemoSecond(
                LoadSecond.Parse(line),
                _last?.Step.Batching.MaxSize ?? 0,
                replicas.Count(static replica => replica.Phase is ReplicaPhase.Ready),
                _last?.Step.Replicas ?? 0,
                _decision);
        }
    }

    private void Take(AgentReport report)
    {
        _last = report;
        if (report.Status.Decisions is [var latest, ..])
        {
            _decision = latest.Reason;
        }

        if (report.Step.Replicas > 1)
        {
            _grown.TrySetResult();
        }

        if (report.Workload.Replicas.Any(static replica => replica.Phase is ReplicaPhase.Ready))
        {
            _ready.TrySetResult();
        }
    }

    private void Summarize(DemoVerdict verdict)
    {
        console.WriteLine();
        if (_last?.Step.Fit is { } fit)
        {
            var (start, row) = (fit.Fixed.ToTimeSpan(), fit.PerRow.ToTimeSpan());
            console.WriteLine(Invariant($"An execution of b rows took {start.TotalMilliseconds:0.00} + {row.TotalMilliseconds:0.000}·b ms: one replica at batch 1 carries at most {1 / (start + row).TotalSeconds:0} rows/s."));
        }

        foreach (var (promise, kept) in verdict.Checks)
        {
            console.MarkupLine($"  {(kept ? "[green]kept  [/]" : "[red]BROKEN[/]")}  {Markup.Escape(promise)}");
        }

        console.WriteLine();
        console.WriteLine(verdict.Kept ? "Every promise was kept." : "A promise was broken.");
    }
}
