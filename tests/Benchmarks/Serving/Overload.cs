using InferenceOperator.Benchmarks.Report;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>
/// Open-loop load at a multiple of the capacity: what is still answered. A refusal costs the server r of what an answer costs,
/// so that at k times the capacity 1 − (k − 1)·r of it is left at best.
/// </summary>
internal sealed class Overload(Effort effort, LoadSource source)
{
    private const double GoodputBar = 0.9;
    private const double ReachedMin = 0.9;
    private const double LeftMin = 0.1;
    private const double SaturatedCpu = 0.95;

    // More than wait and run, so that there is always somebody to refuse.
    private const int Connections = 256;

    private readonly List<IReadOnlyList<string>> _rows = [];

    public ReportTable Table => new(
        "Overload, one-row binary requests",
        ["model", "capacity/s", "offered/s", "answered/s", "share of the capacity", "refusal's cost over an answer's (r)", "left at best", "server's core in use", "p99 ms of the answered"],
        _rows);

    /// <summary>Measures one model.</summary>
    /// <param name="model">What is served.</param>
    /// <param name="times">The load as a multiple of the capacity.</param>
    /// <param name="payForRefusals">True when the bar is a share of what refusals leave, false when of the whole capacity.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Bar> MeasureAsync(ServedModel model, double times, bool payForRefusals, CancellationToken cancellationToken)
    {
        using var server = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: 16, QueueRequests: 64), cancellationToken);
        var calm = new OfferedLoad.Closed(Clients: 48, Rows: 1, WireProtocol.Binary);
        await source.SettleAsync(server, calm, effort.Settle, cancellationToken);
        var capacity = (await source.RunAsync(server, calm, effort.Run, cancellationToken)).RequestsPerSecond;
        await source.FloodAsync(server, new OfferedLoad.Open(capacity * times, Connections), effort.FloodSeconds, cancellationToken);
        List<OverloadRound> rounds = [];
        for (var round = 0; round < effort.Rounds; round++)
        {
            var before = await source.RunAsync(server, calm, effort.Run, cancellationToken);
            var flood = await source.FloodAsync(server, new OfferedLoad.Open(before.RequestsPerSecond * times, Connections), effort.FloodSeconds, cancellationToken);
            rounds.Add(new OverloadRound(before, flood));
        }

        var reached = rounds.Select(static round => round.Times).Median();
        var refusal = rounds.Select(static round => round.RefusalCost).Median();
        var share = rounds.Select(static round => round.Share).Median();
        var cpu = rounds.Select(static round => round.Flood.CpuPerSecond).Median();
        var left = payForRefusals ? 1 - ((reached - 1) * refusal) : 1;
        var flooded = LoadResult.Median([.. rounds.Select(static round => round.Flood)]);
        _rows.Add(
        [
            model.Name, Invariant($"{rounds.Select(static round => round.Calm.RequestsPerSecond).Median():0}"),
            Invariant($"{flooded.EndedPerSecond:0} ({reached:0.0} of {times:0.#} times)"), Invariant($"{flooded.RequestsPerSecond:0}"),
            Invariant($"{share:0.000}"), Invariant($"{refusal:0.000}"), Invariant($"{left:0.000}"), Invariant($"{cpu:0.00}"), Invariant($"{flooded.P99Ms:0.0}"),
        ]);
        var bar = Bar.AtLeast(
            Invariant($"{model.Name}, overload at {times:0.#} times: goodput over {(payForRefusals ? "what the refusals leave" : "the capacity")}"), GoodputBar, share / left);
        return payForRefusals && 1 - ((times - 1) * refusal) < LeftMin
            ? bar.But(Invariant($"a refusal costs {refusal:0.00} of an answer: at {times:0.#} times the capacity refusals alone would take the core"))
            : reached < times * ReachedMin && cpu < SaturatedCpu
                ? bar.But(Invariant($"the load's core offered {reached:0.0} times only"))
                : bar;
    }
}
