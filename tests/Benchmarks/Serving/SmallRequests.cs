using InferenceOperator.Benchmarks.Report;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>
/// One-row requests on a small model, many in flight: what the server itself costs a request, against an empty endpoint that
/// moves the same bytes, and against the Node.js server that a user would write.
/// </summary>
internal sealed class SmallRequests(Effort effort, LoadSource source)
{
    private const int Clients = 64;
    private const int MaxSize = 64;
    private const double BinaryBar = 1.4;
    private const double JsonBar = 2;
    private const double GrpcBar = 2.5;
    private const double NodeBar = 3;

    private readonly List<IReadOnlyList<string>> _rows = [];

    public ReportTable Table => new(
        $"One-row requests, {Clients} in flight",
        ["model", "contestant", "requests/s", "mean batch", "server CPU µs a request", "of it the model's", "own cost over the empty endpoint's", "p50 ms", "p99 ms"],
        _rows);

    /// <summary>Measures all contestants on one model.</summary>
    public async Task<IReadOnlyList<Bar>> MeasureAsync(ServedModel model, CancellationToken cancellationToken)
    {
        using var server = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize), cancellationToken);
        using var single = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: 1), cancellationToken);
        using var emptyBinary = await PinnedServer.StartEmptyAsync(server, binary: true, cancellationToken);
        using var emptyJson = await PinnedServer.StartEmptyAsync(server, binary: false, cancellationToken);
        using var node = await PinnedServer.StartNodeAsync(model, server, cancellationToken);
        Contestant[] contestants =
        [
            new("server, binary", server, Load(WireProtocol.Binary)),
            new("server, JSON", server, Load(WireProtocol.Json)),
            new("server, gRPC", server, Load(WireProtocol.Grpc)),
            new("server with batch 1, binary", single, Load(WireProtocol.Binary)),
            new("empty endpoint, binary", emptyBinary, Load(WireProtocol.Binary)),
            new("empty endpoint, JSON", emptyJson, Load(WireProtocol.Json)),
            new("Node.js, binary", node, Load(WireProtocol.Binary)),
            new("Node.js, JSON", node, Load(WireProtocol.Json)),
        ];
        await source.RaceAsync(contestants, effort, cancellationToken);
        return await JudgeAsync(model, contestants, cancellationToken);
    }

    private async Task<IReadOnlyList<Bar>> JudgeAsync(ServedModel model, Contestant[] contestants, CancellationToken cancellationToken)
    {
        var named = contestants.ToDictionary(static contestant => contestant.Name);
        var ratios = new Dictionary<string, double>();
        foreach (var contestant in contestants)
        {
            var result = contestant.Median;
            var floor = named[contestant.Load.Protocol == WireProtocol.Json ? "empty endpoint, JSON" : "empty endpoint, binary"];
            var ownModel = result.MeanBatch > 0
                ? (await BareRuns.RateAsync(model, Math.Max(1, (int)Math.Round(result.MeanBatch)), effort.Bare / 2, cancellationToken)).CpuMicrosPerRow
                : 0;
            ratios[contestant.Name] = contestant.Runs.Zip(floor.Runs, (run, least) => (run.CpuMicrosPerRequest - ownModel) / least.CpuMicrosPerRequest).Median();
            _rows.Add(
            [
                model.Name, contestant.Name, Invariant($"{result.RequestsPerSecond:0}"), result.MeanBatch > 0 ? Invariant($"{result.MeanBatch:0.0}") : "–",
                Invariant($"{result.CpuMicrosPerRequest:0.0}"), Invariant($"{ownModel:0.0}"), result.MeanBatch > 0 ? Invariant($"{ratios[contestant.Name]:0.00}") : "–",
                Invariant($"{result.P50Ms:0.00}"), Invariant($"{result.P99Ms:0.00}"),
            ]);
        }

        return
        [
            Bar.AtMost($"{model.Name}, one-row REST binary: own CPU over the empty endpoint's", BinaryBar, ratios["server, binary"]),
            Bar.AtMost($"{model.Name}, one-row REST JSON: own CPU over the empty endpoint's", JsonBar, ratios["server, JSON"]),
            Bar.AtMost($"{model.Name}, one-row gRPC: own CPU over the empty endpoint's", GrpcBar, ratios["server, gRPC"]),
            Bar.AtLeast($"{model.Name}, one-row binary: throughput over the Node.js server's", NodeBar, Throughput("Node.js, binary")),
            Bar.AtLeast($"{model.Name}, one-row binary: batching over batch 1", 1, Throughput("server with batch 1, binary")),
        ];

        double Throughput(string other) => named["server, binary"].Over(named[other], static run => run.RequestsPerSecond);
    }

    private static OfferedLoad.Closed Load(WireProtocol protocol) => new(Clients, Rows: 1, protocol);
}
