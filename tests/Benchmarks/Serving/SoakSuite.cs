using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>The server at 80 % of its capacity for minutes: resident memory, handles, and what became of every request.</summary>
/// <remarks>
/// Memory is read once a second while the load runs, from the second minute on; a straight line through it must not rise by more
/// than <see cref="GrowthBar"/> of the memory. Handles are counted after each minute, when its connections are closed.
/// </remarks>
internal sealed class SoakSuite(TimeSpan length)
{
    private const double Load = 0.8;
    private const double GrowthBar = 0.02;
    private const int Connections = 64;
    private static readonly TimeSpan Part = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(2);

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

    private static async Task<long[]> SampleAsync(PinnedServer server, CancellationToken cancellationToken)
    {
        var samples = new List<long>();
        using var timer = new PeriodicTimer(SampleInterval, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                samples.Add(server.ResidentBytes);
            }
        }
        catch (OperationCanceledException)
        {
            // The minute is over.
        }

        return [.. samples];
    }

    private async Task<SuiteReport> RunAsync(ServedModel model, CancellationToken cancellationToken)
    {
        using var source = new LoadSource();
        using var server = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: 64), cancellationToken);
        var full = new OfferedLoad.Closed(Connections, Rows: 1, WireProtocol.Binary);
        await source.SettleAsync(server, full, Effort.Full.Settle, cancellationToken);
        var capacity = (await source.RunAsync(server, full, TimeSpan.FromSeconds(5), cancellationToken)).RequestsPerSecond;
        List<SoakMinute> minutes = [];
        for (var passed = TimeSpan.Zero; passed < length; passed += Part)
        {
            minutes.Add(await MinuteAsync(source, server, capacity * Load, cancellationToken));
        }

        return Report(model, capacity, minutes);
    }

    private static async Task<SoakMinute> MinuteAsync(LoadSource source, PinnedServer server, double rate, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sampling = SampleAsync(server, stop.Token);
        var load = await source.RunAsync(server, new OfferedLoad.Open(rate, Connections), Part, cancellationToken);
        await stop.CancelAsync();
        await Task.Delay(ClosingTime, TimeProvider.System, cancellationToken);
        return new SoakMinute(load, await sampling, server.Handles);
    }

    private static SuiteReport Report(ServedModel model, double capacity, List<SoakMinute> minutes)
    {
        // What remains after the first minute, over the seconds that it takes.
        double[] memory = [.. minutes.Skip(1).SelectMany(static minute => minute.ResidentBytes).Select(static bytes => (double)bytes)];
        var rise = StraightLine.Rise(memory);
        var answered = minutes.Skip(1).Sum(static minute => minute.Load.RequestsPerSecond) * Part.TotalSeconds;
        var rows = minutes.Select(static (minute, i) => (IReadOnlyList<string>)
        [
            Invariant($"{i + 1}"), Invariant($"{minute.Load.RequestsPerSecond:0}"), Invariant($"{minute.Load.RefusedPerSecond:0.0}"), Invariant($"{minute.Load.LostPerSecond:0.0}"),
            Invariant($"{minute.Load.P50Ms:0.0}"), Invariant($"{minute.Load.P99Ms:0.0}"), Invariant($"{minute.Load.CpuPerSecond:0.00}"),
            Invariant($"{minute.ResidentBytes.Min() / 1048576.0:0.0}"), Invariant($"{minute.ResidentBytes.Max() / 1048576.0:0.0}"), Invariant($"{minute.Handles}"),
        ]).ToList();
        return new SuiteReport(
            "soak",
            Machine.Describe(),
            [
                new ReportTable(
                    Invariant($"{model.Name}, {Load:0%} of {capacity:0} requests/s"),
                    ["minute", "answered/s", "refused/s", "lost/s", "p50 ms", "p99 ms", "server's core in use", "least resident MiB", "most", "handles"],
                    rows),
                new ReportTable(
                    "Resident memory after the first minute",
                    ["seconds", "median MiB", "rise of the line MiB", "bytes a request"],
                    [[Invariant($"{memory.Length}"), Invariant($"{memory.Median() / 1048576:0.0}"), Invariant($"{rise / 1048576:0.00}"), Invariant($"{rise / answered:0.00}")]]),
            ],
            [
                Bar.AtMost("rise of resident memory after the first minute, of its median", GrowthBar, rise / memory.Median()),
                Bar.AtMost("handles at the end less those after the first minute", 0, minutes[^1].Handles - minutes[0].Handles),
                Bar.AtMost("requests refused or lost", 0, minutes.Sum(static minute => minute.Load.RefusedPerSecond + minute.Load.LostPerSecond) * Part.TotalSeconds),
            ]);
    }
}
