using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using InferenceOperator.Benchmarks.Processes;
using InferenceRuntime.Commands;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>
/// The process on the load's core. It runs <c>inference-runtime bench</c> again and again without ending, so that compiling the
/// client's code is no part of what is measured.
/// </summary>
internal sealed class LoadSource : IDisposable
{
    /// <summary>The core that loads.</summary>
    public const int Core = 1;

    private const string Progress = "--progress";
    private static readonly TimeSpan SettlingPart = TimeSpan.FromSeconds(0.5);

    private readonly string _folder = Directory.CreateTempSubdirectory("benchmarks-").FullName;

    // The client spins as little as the program it stands for does (docs/decisions/0006).
    private readonly PinnedProcess _process = PinnedProcess.Start(Core, "env", "DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0", Environment.ProcessPath!, "load");
    private int _runs;

    /// <summary>What others used of the cores since the last time that this was asked for.</summary>
    public Disturbance TakeDisturbance()
    {
        var taken = Disturbance;
        Disturbance = new Disturbance();
        return taken;
    }

    private Disturbance Disturbance { get; set; } = new();

    public static Command Command()
    {
        var command = new Command("load", "Runs bench for each line on standard input, a JSON array of its arguments; answers with its progress and its exit status.") { Hidden = true };
        command.SetAction(async (_, cancellationToken) =>
        {
            var bench = BenchCommand.Create();
            var answers = Console.Out;
            while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
            {
                var arguments = JsonSerializer.Deserialize(line, ArgumentsJson.Default.StringArray)!; // LoadSource wrote it.
                Console.SetOut(arguments.Contains(Progress) ? answers : TextWriter.Null);
                var status = await bench.Parse(arguments).InvokeAsync(cancellationToken: cancellationToken);
                await answers.WriteLineAsync(status.ToString(CultureInfo.InvariantCulture));
            }
        });
        return command;
    }

    /// <summary>Loads a server until it is no longer getting faster, at most for so long.</summary>
    public async Task SettleAsync(PinnedServer server, OfferedLoad load, TimeSpan most, CancellationToken cancellationToken)
    {
        var settling = new Settling();
        for (var passed = TimeSpan.Zero; passed < most && !settling.IsSettled; passed += SettlingPart)
        {
            settling.Add((await RunAsync(server, load, SettlingPart, cancellationToken)).RequestsPerSecond);
        }
    }

    /// <summary>Lets all contestants settle, and then takes turns: each in each round.</summary>
    public async Task RaceAsync(IReadOnlyList<Contestant> contestants, Effort effort, CancellationToken cancellationToken)
    {
        await SettleAsync(contestants, effort, cancellationToken);
        for (var round = 0; round < effort.Rounds; round++)
        {
            await RoundAsync(contestants, effort.Run, cancellationToken);
        }
    }

    /// <summary>Lets all contestants settle.</summary>
    public async Task SettleAsync(IReadOnlyList<Contestant> contestants, Effort effort, CancellationToken cancellationToken)
    {
        foreach (var contestant in contestants)
        {
            await SettleAsync(contestant.Server, contestant.Load, effort.Settle, cancellationToken);
        }
    }

    /// <summary>Gives each contestant one turn.</summary>
    public async Task RoundAsync(IReadOnlyList<Contestant> contestants, TimeSpan duration, CancellationToken cancellationToken)
    {
        foreach (var contestant in contestants)
        {
            contestant.Runs.Add(await RunAsync(contestant.Server, contestant.Load, duration, cancellationToken));
        }
    }

    /// <summary>Puts a load on a server.</summary>
    /// <exception cref="InvalidOperationException">There was no load, nothing was answered, or a closed loop lost a request.</exception>
    public async Task<LoadResult> RunAsync(PinnedServer server, OfferedLoad load, TimeSpan duration, CancellationToken cancellationToken)
    {
        var (executions, rows) = await server.ExecutionsAsync(cancellationToken);
        var before = Disturbance.Reading.Take(server, _process);
        await BeginAsync(server, load, duration, [], cancellationToken);
        RequireDone(await _process.LineAsync(cancellationToken));
        var now = Disturbance.Reading.Take(server, _process);
        Disturbance.Add(before, now);
        var (executionsNow, rowsNow) = await server.ExecutionsAsync(cancellationToken);
        var result = LoadResult.Read(Report, now.Server - before.Server, executionsNow > executions ? (rowsNow - rows) / (executionsNow - executions) : 0);
        return load is OfferedLoad.Closed && result.LostPerSecond > 0
            ? throw new InvalidOperationException($"requests were lost: {await File.ReadAllTextAsync(Report, cancellationToken)}")
            : result;
    }

    /// <summary>
    /// Puts a load on a server that may be more than it takes: counts what ends from the end of the first second to that of the last, so
    /// that neither the beginning nor the backlog that is left counts.
    /// </summary>
    /// <param name="server">The server.</param>
    /// <param name="load">The load.</param>
    /// <param name="seconds">How long, at least 2 seconds.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidOperationException">There was no load, or it could not be counted.</exception>
    public async Task<LoadResult> FloodAsync(PinnedServer server, OfferedLoad.Open load, int seconds, CancellationToken cancellationToken)
    {
        List<FloodSecond> passed = [];
        var before = Disturbance.Reading.Take(server, _process);
        await BeginAsync(server, load, TimeSpan.FromSeconds(seconds), [Progress], cancellationToken);
        string line;
        while ((line = await _process.LineAsync(cancellationToken)).StartsWith('{'))
        {
            if (passed.Count < seconds)
            {
                passed.Add(FloodSecond.Read(line, TimeProvider.System.GetTimestamp(), server.CpuSeconds));
            }
        }

        RequireDone(line);
        Disturbance.Add(before, Disturbance.Reading.Take(server, _process));
        return passed.Count >= 2
            ? LoadResult.Of(passed, Report)
            : throw new InvalidOperationException($"the load's core was too busy to count a flood of {seconds} s");
    }

    private string Report => Path.Combine(_folder, "load.json");

    private async Task BeginAsync(PinnedServer server, OfferedLoad load, TimeSpan duration, string[] more, CancellationToken cancellationToken)
    {
        var address = load.Protocol == WireProtocol.Grpc ? server.Grpc ?? throw new InvalidOperationException("this server speaks no gRPC") : server.Url;
        string[] arguments =
        [
            "--url", address.GetLeftPart(UriPartial.Authority), "--model", "model", .. load.Options,
            "--duration", string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds}s"), "--warmup", "0s", "--timeout", "60s", "--output", Report, .. more,

            // Each run draws inputs of its own: what no run repeats, no later one repeats either.
            "--seed", (++_runs).ToString(CultureInfo.InvariantCulture),
        ];
        await _process.WriteLineAsync(JsonSerializer.Serialize(arguments, ArgumentsJson.Default.StringArray), cancellationToken);
    }

    // 1: some requests were lost; the report tells.
    private static void RequireDone(string status)
    {
        if (status is not ("0" or "1"))
        {
            throw new InvalidOperationException($"bench could not run: it ended with {status}");
        }
    }

    public void Dispose()
    {
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
