using InferenceOperator.Benchmarks.Report;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>The server's rows per second as a share of the bare loop's, both at the bare loop's best batch size.</summary>
internal sealed class Saturation(Effort effort, LoadSource source)
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    public ReportTable Table => new(
        "Throughput at saturation",
        ["model", "request", "protocol", "bare loop rows/s (batch)", "server rows/s", "share of the bare loop", "p50 ms", "p99 ms"],
        _rows);

    /// <summary>Measures one model under both protocols.</summary>
    /// <param name="model">What is served.</param>
    /// <param name="clients">Requests in flight.</param>
    /// <param name="rows">Rows of each.</param>
    /// <param name="bar">Share to reach.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<Bar>> MeasureAsync(ServedModel model, int clients, int rows, double bar, CancellationToken cancellationToken)
    {
        var best = await BareRuns.BestBucketAsync(model, int.MaxValue, effort.Bare / 2, cancellationToken);
        using var server = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: best), cancellationToken);
        var bare = new List<double>();
        Contestant[] contestants =
        [
            .. new[] { WireProtocol.Binary, WireProtocol.Grpc }.Select(protocol => new Contestant(protocol.Name, server, new OfferedLoad.Closed(clients, rows, protocol))),
        ];
        await source.SettleAsync(contestants, effort, cancellationToken);
        for (var round = 0; round < effort.Rounds; round++)
        {
            bare.Add((await BareRuns.RateAsync(model, best, effort.Bare, cancellationToken)).RowsPerSecond);
            await source.RoundAsync(contestants, effort.Run, cancellationToken);
        }

        var limit = bare.Median();
        var bars = new List<Bar>();
        foreach (var contestant in contestants)
        {
            var median = contestant.Median;
            var share = contestant.Runs.Zip(bare, static (run, loop) => run.RowsPerSecond / loop).Median();
            _rows.Add([model.Name, Invariant($"{rows} rows"), contestant.Name, Invariant($"{limit:0} ({best})"), Invariant($"{median.RowsPerSecond:0}"), Invariant($"{share:0.000}"), Invariant($"{median.P50Ms:0.0}"), Invariant($"{median.P99Ms:0.0}")]);
            bars.Add(Bar.AtLeast(Invariant($"{model.Name}, {contestant.Name}, {rows}-row requests: rows/s of the bare loop"), bar, share));
        }

        return bars;
    }
}
