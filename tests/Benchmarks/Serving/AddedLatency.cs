using InferenceOperator.Benchmarks.Report;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>Median latency of one request at a time, less the median time of the bare run.</summary>
internal sealed class AddedLatency(Effort effort)
{
    private const double BinaryMicros = 100;
    private const double GrpcMicros = 150;
    private const double OverEmpty = 1.5;

    private readonly List<IReadOnlyList<string>> _rows = [];

    public ReportTable Table => new(
        "Latency of one request at a time",
        ["model", "contestant", "p50 µs", "p99 µs", "added to the bare run, p50 µs"],
        _rows);

    /// <summary>Measures one model under both protocols and the empty endpoint.</summary>
    public async Task<IReadOnlyList<Bar>> MeasureAsync(ServedModel model, CancellationToken cancellationToken)
    {
        using var server = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: 64), cancellationToken);
        using var empty = await PinnedServer.StartEmptyAsync(server, binary: true, cancellationToken);
        List<double> bare = [];
        List<LoadResult> binary = [], grpc = [], floor = [];
        for (var round = 0; round < effort.Rounds; round++)
        {
            bare.Add(1e6 / await BareRuns.RowsPerSecondAsync(model, rows: 1, effort.Bare / 2, cancellationToken));
            binary.Add(await server.LoadAsync(clients: 1, rows: 1, WireProtocol.Binary, effort.Run / 2, cancellationToken));
            grpc.Add(await server.LoadAsync(clients: 1, rows: 1, WireProtocol.Grpc, effort.Run / 2, cancellationToken));
            floor.Add(await empty.LoadAsync(clients: 1, rows: 1, WireProtocol.Binary, effort.Run / 2, cancellationToken));
        }

        var run = bare.Order().ElementAt(bare.Count / 2);
        var added = Add(model, "server, REST binary", binary, run);
        var addedGrpc = Add(model, "server, gRPC", grpc, run);
        var floorMicros = Add(model, "empty endpoint, REST binary", floor, 0);
        return
        [
            Bar.AtMost($"{model.Name}, REST binary at concurrency 1: added to the bare run, p50", BinaryMicros, added, " µs"),
            Bar.AtMost($"{model.Name}, gRPC at concurrency 1: added to the bare run, p50", GrpcMicros, addedGrpc, " µs"),
            Bar.AtMost($"{model.Name}, REST binary at concurrency 1: added latency over the empty endpoint's", OverEmpty, added / floorMicros),
        ];
    }

    private double Add(ServedModel model, string contestant, List<LoadResult> runs, double bare)
    {
        var p50 = runs.Select(static run => run.P50Ms * 1000).Order().ElementAt(runs.Count / 2);
        var p99 = runs.Select(static run => run.P99Ms * 1000).Order().ElementAt(runs.Count / 2);
        _rows.Add([model.Name, contestant, Invariant($"{p50:0}"), Invariant($"{p99:0}"), Invariant($"{p50 - bare:0}")]);
        return p50 - bare;
    }
}
