using InferenceOperator.Benchmarks.Report;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>
/// Open-loop load at a multiple of the capacity: what is still answered. A refusal costs the server r of what an answer costs,
/// so that at k times the capacity 1 − (k − 1)·r of it is left at best.
/// </summary>
internal sealed class Overload(Effort effort)
{
    private const double GoodputBar = 0.9;

    private readonly List<IReadOnlyList<string>> _rows = [];

    public ReportTable Table => new(
        "Overload, one-row binary requests",
        ["model", "capacity/s", "offered/s", "answered/s", "share of the capacity", "refusal's cost over an answer's (r)", "left at best", "p99 ms of the answered"],
        _rows);

    /// <summary>Measures one model.</summary>
    /// <param name="model">What is served.</param>
    /// <param name="times">The load as a multiple of the capacity.</param>
    /// <param name="payForRefusals">True when the bar is a share of what refusals leave, false when of the whole capacity.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Bar> MeasureAsync(ServedModel model, double times, bool payForRefusals, CancellationToken cancellationToken)
    {
        using var server = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: 16, QueueRequests: 64), cancellationToken);
        List<LoadResult> calm = [], flooded = [];
        for (var round = 0; round < effort.Rounds; round++)
        {
            calm.Add(await server.LoadAsync(clients: 48, rows: 1, WireProtocol.Binary, effort.Run, cancellationToken));
            flooded.Add(await server.FloodAsync(calm[^1].RequestsPerSecond * times, effort.Run, cancellationToken));
        }

        var capacity = LoadResult.Median(calm);
        var flood = LoadResult.Median(flooded);
        var refusal = flood.RefusedPerSecond > 0
            ? Math.Max(0, flood.CpuPerSecond - (flood.RequestsPerSecond * capacity.CpuMicrosPerRequest / 1e6)) / flood.RefusedPerSecond * 1e6 / capacity.CpuMicrosPerRequest
            : 0;
        var offered = flood.RequestsPerSecond + flood.RefusedPerSecond;
        var reached = offered / capacity.RequestsPerSecond;
        var left = payForRefusals ? 1 - ((reached - 1) * refusal) : 1;
        var share = flood.RequestsPerSecond / capacity.RequestsPerSecond;
        _rows.Add(
        [
            model.Name, Invariant($"{capacity.RequestsPerSecond:0}"), Invariant($"{offered:0} ({reached:0.0} times)"), Invariant($"{flood.RequestsPerSecond:0}"),
            Invariant($"{share:0.000}"), Invariant($"{refusal:0.000}"), Invariant($"{left:0.000}"), Invariant($"{flood.P99Ms:0.0}"),
        ]);
        return Bar.AtLeast(
            payForRefusals ? $"{model.Name}, overload: goodput over what the refusals leave" : $"{model.Name}, overload: goodput over the capacity", GoodputBar, share / left);
    }
}
