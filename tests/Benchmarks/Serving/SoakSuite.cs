using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>The server at 80 % of its capacity for minutes: resident memory and handles after each, and every answer counted.</summary>
internal sealed class SoakSuite(TimeSpan length)
{
    private const double Load = 0.8;
    private const double MemoryBar = 1.05;
    private static readonly TimeSpan Part = TimeSpan.FromMinutes(1);

    /// <summary>Runs it.</summary>
    public async Task<SuiteReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("benchmarks-").FullName;
        try
        {
            return await RunAsync(new Models(folder).DigitsMlp, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<SuiteReport> RunAsync(ServedModel model, CancellationToken cancellationToken)
    {
        using var server = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: 64), cancellationToken);
        var capacity = (await server.LoadAsync(clients: 64, rows: 1, WireProtocol.Binary, TimeSpan.FromSeconds(5), cancellationToken)).RequestsPerSecond;
        List<(LoadResult Load, long Memory, int Handles)> minutes = [];
        for (var passed = TimeSpan.Zero; passed < length; passed += Part)
        {
            var load = await server.SteadyAsync(capacity * Load, Part, cancellationToken);
            minutes.Add((load, server.ResidentBytes, server.Handles));
        }

        var rows = minutes.Select((minute, i) => (IReadOnlyList<string>)
        [
            Invariant($"{i + 1}"), Invariant($"{minute.Load.RequestsPerSecond:0}"), Invariant($"{minute.Load.RefusedPerSecond:0.0}"), Invariant($"{minute.Load.P99Ms:0.0}"),
            Invariant($"{minute.Memory / 1048576.0:0.0}"), Invariant($"{minute.Handles}"),
        ]).ToList();
        return new SuiteReport(
            "soak",
            Machine.Describe(),
            [new ReportTable(Invariant($"{model.Name} at {Load:0%} of {capacity:0} requests/s"), ["minute", "answered/s", "refused/s", "p99 ms", "resident MiB", "handles"], rows)],
            [
                Bar.AtMost("resident memory at the end over that after the first minute", MemoryBar, (double)minutes[^1].Memory / minutes[0].Memory),
                Bar.AtMost("handles at the end less those after the first minute", 0, minutes[^1].Handles - minutes[0].Handles),
                Bar.AtMost("requests refused or lost", 0, minutes.Sum(static minute => minute.Load.RefusedPerSecond)),
            ]);
    }
}
