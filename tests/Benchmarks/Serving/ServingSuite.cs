using System.Diagnostics;
using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>
/// Compares, in one run on this machine, with the server on one core and the load on the other: a bare loop over ONNX Runtime on
/// the server's core (the limit), this server under each protocol, this server with batch 1, an empty Kestrel endpoint that moves
/// the same bytes (the protocol's floor), and a plain Node.js server. Each contestant is loaded until it is no longer getting faster,
/// then they take turns; the median of the rounds counts.
/// </summary>
internal sealed class ServingSuite(bool quick, IReadOnlyCollection<string> parts)
{
    /// <summary>What can be measured alone.</summary>
    public static readonly string[] Parts = ["saturation", "small", "latency", "side", "overload"];

    private const double LargeShare = 0.95;
    private const double SmallShare = 0.85;
    private const int ManyRows = 32;

    private readonly Effort _effort = quick ? Effort.Quick : Effort.Full;

    /// <summary>Runs the parts asked for.</summary>
    public async Task<SuiteReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("benchmarks-").FullName;
        try
        {
            using var source = new LoadSource();
            return await RunAsync(new Models(folder), source, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<SuiteReport> RunAsync(Models models, LoadSource source, CancellationToken cancellationToken)
    {
        List<ReportTable> tables = [];
        List<Bar> bars = [];
        foreach (var part in Parts.Where(part => parts.Count == 0 || parts.Contains(part)))
        {
            var (table, found) = part switch
            {
                "saturation" => await SaturationAsync(models, source, cancellationToken),
                "small" => await SmallAsync(models, source, cancellationToken),
                "latency" => await LatencyAsync(models, source, cancellationToken),
                "side" => await SideAsync(models, source, cancellationToken),
                "overload" => await OverloadAsync(models, source, cancellationToken),
                _ => throw new UnreachableException(),
            };
            tables.Add(table);
            bars.AddRange(source.TakeDisturbance().Judge(found));
        }

        return new SuiteReport("serving", Machine.Describe(), tables, bars);
    }

    private async Task<(ReportTable Table, List<Bar> Bars)> SaturationAsync(Models models, LoadSource source, CancellationToken cancellationToken)
    {
        var saturation = new Saturation(_effort, source);
        List<Bar> bars =
        [
            .. await saturation.MeasureAsync(models.MobileNet, clients: 16, rows: 1, LargeShare, cancellationToken),
            .. await saturation.MeasureAsync(models.DigitsMlp, clients: 8, ManyRows, SmallShare, cancellationToken),
        ];
        if (!quick)
        {
            bars.AddRange(await saturation.MeasureAsync(models.Encoder, clients: 32, rows: 1, LargeShare, cancellationToken));
            bars.AddRange(await saturation.MeasureAsync(models.Language, clients: 8, ManyRows, SmallShare, cancellationToken));
        }

        return (saturation.Table, bars);
    }

    private async Task<(ReportTable Table, List<Bar> Bars)> SmallAsync(Models models, LoadSource source, CancellationToken cancellationToken)
    {
        var small = new SmallRequests(_effort, source);
        List<Bar> bars = [.. await small.MeasureAsync(models.DigitsMlp, cancellationToken)];
        if (!quick)
        {
            bars.AddRange(await small.MeasureAsync(models.Identity, cancellationToken));
            bars.AddRange(await small.MeasureAsync(models.DigitsCnn, cancellationToken));
        }

        return (small.Table, bars);
    }

    private async Task<(ReportTable Table, List<Bar> Bars)> LatencyAsync(Models models, LoadSource source, CancellationToken cancellationToken)
    {
        var latency = new AddedLatency(_effort, source);
        List<Bar> bars = [.. await latency.MeasureAsync(models.Identity, cancellationToken)];
        if (!quick)
        {
            bars.AddRange(await latency.MeasureAsync(models.DigitsMlp, cancellationToken));
        }

        return (latency.Table, bars);
    }

    private async Task<(ReportTable Table, List<Bar> Bars)> SideAsync(Models models, LoadSource source, CancellationToken cancellationToken)
    {
        var side = new SideCosts(_effort, source);
        List<Bar> bars = [.. await side.MeasureAsync(models.DigitsMlp, cancellationToken)];
        return (side.Table, bars);
    }

    private async Task<(ReportTable Table, List<Bar> Bars)> OverloadAsync(Models models, LoadSource source, CancellationToken cancellationToken)
    {
        var overload = new Overload(_effort, source);
        List<Bar> bars = [await overload.MeasureAsync(models.MobileNet, times: 5, payForRefusals: false, cancellationToken)];
        if (!quick)
        {
            bars.Add(await overload.MeasureAsync(models.Language, times: 5, payForRefusals: true, cancellationToken));
            bars.Add(await overload.MeasureAsync(models.DigitsCnn, times: 5, payForRefusals: true, cancellationToken));

            // Where refusals alone would take the core at 5 times, a lesser flood still tells.
            bars.Add(await overload.MeasureAsync(models.DigitsCnn, times: 2, payForRefusals: true, cancellationToken));
        }

        return (overload.Table, bars);
    }
}
