using InferenceOperator.Benchmarks.Report;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>Median latency of one request at a time, less the median time of the bare run.</summary>
internal sealed class AddedLatency(Effort effort, LoadSource source)
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
        Contestant binary = new("server, REST binary", server, Load(WireProtocol.Binary)), grpc = new("server, gRPC", server, Load(WireProtocol.Grpc));
        Contestant floor = new("empty endpoint, REST binary", empty, Load(WireProtocol.Binary));
        Contestant[] contestants = [binary, grpc, floor];
        await source.SettleAsync(contestants, effort, cancellationToken);
        for (var round = 0; round < effort.Rounds; round++)
        {
            bare.Add(1e6 / (await BareRuns.RateAsync(model, rows: 1, effort.Bare / 2, cancellationToken)).RowsPerSecond);
            await source.RoundAsync(contestants, effort.Run / 2, cancellationToken);
        }

        var run = bare.Median();
        var added = Add(model, binary, run);
        var addedGrpc = Add(model, grpc, run);
        Add(model, floor, 0);
        var overFloor = binary.Runs.Zip(floor.Runs, (mine, least) => ((mine.P50Ms * 1000) - run) / (least.P50Ms * 1000)).Median();
        return
        [
            Bar.AtMost($"{model.Name}, REST binary at concurrency 1: added to the bare run, p50", BinaryMicros, added, " µs"),
            Bar.AtMost($"{model.Name}, gRPC at concurrency 1: added to the bare run, p50", GrpcMicros, addedGrpc, " µs"),
            Bar.AtMost($"{model.Name}, REST binary at concurrency 1: added latency over the empty endpoint's", OverEmpty, overFloor),
        ];
    }

    private static OfferedLoad.Closed Load(WireProtocol protocol) => new(Clients: 1, Rows: 1, protocol);

    private double Add(ServedModel model, Contestant contestant, double bare)
    {
        var (p50, p99) = (contestant.Median.P50Ms * 1000, contestant.Median.P99Ms * 1000);
        _rows.Add([model.Name, contestant.Name, Invariant($"{p50:0}"), Invariant($"{p99:0}"), Invariant($"{p50 - bare:0}")]);
        return p50 - bare;
    }
}
