using InferenceOperator.Benchmarks.Report;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>
/// One-row requests on a small model, many in flight: what the server itself costs a request, against an empty endpoint that
/// moves the same bytes, and against the Node.js server that a user would write.
/// </summary>
internal sealed class SmallRequests(Effort effort)
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
            new("server, binary", server, WireProtocol.Binary),
            new("server, JSON", server, WireProtocol.Json),
            new("server, gRPC", server, WireProtocol.Grpc),
            new("server with batch 1, binary", single, WireProtocol.Binary),
            new("empty endpoint, binary", emptyBinary, WireProtocol.Binary),
            new("empty endpoint, JSON", emptyJson, WireProtocol.Json),
            new("Node.js, binary", node, WireProtocol.Binary),
            new("Node.js, JSON", node, WireProtocol.Json),
        ];
        for (var round = 0; round < effort.Rounds; round++)
        {
            foreach (var contestant in contestants)
            {
                contestant.Runs.Add(await contestant.Server.LoadAsync(Clients, rows: 1, contestant.Protocol, effort.Run, cancellationToken));
            }
        }

        return await JudgeAsync(model, contestants, cancellationToken);
    }

    private async Task<IReadOnlyList<Bar>> JudgeAsync(ServedModel model, Contestant[] contestants, CancellationToken cancellationToken)
    {
        var results = contestants.ToDictionary(static contestant => contestant.Name, static contestant => LoadResult.Median(contestant.Runs));
        var ratios = new Dictionary<string, double>();
        foreach (var contestant in contestants)
        {
            var result = results[contestant.Name];
            var floor = results[contestant.Protocol == WireProtocol.Json ? "empty endpoint, JSON" : "empty endpoint, binary"].CpuMicrosPerRequest;
            var ownModel = result.MeanBatch > 0
                ? 1e6 / await BareRuns.RowsPerSecondAsync(model, Math.Max(1, (int)Math.Round(result.MeanBatch)), effort.Bare / 2, cancellationToken)
                : 0;
            ratios[contestant.Name] = (result.CpuMicrosPerRequest - ownModel) / floor;
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
            Bar.AtLeast($"{model.Name}, one-row binary: throughput over the Node.js server's", NodeBar, results["server, binary"].RequestsPerSecond / results["Node.js, binary"].RequestsPerSecond),
            Bar.AtLeast($"{model.Name}, one-row binary: batching over batch 1", 1, results["server, binary"].RequestsPerSecond / results["server with batch 1, binary"].RequestsPerSecond),
        ];
    }

    private sealed record Contestant(string Name, PinnedServer Server, WireProtocol Protocol)
    {
        public List<LoadResult> Runs { get; } = [];
    }
}
