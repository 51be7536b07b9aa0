using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>
/// Compares, in one run on this machine, with the server on one core and the load on the other: a bare loop over ONNX Runtime on
/// the server's core (the limit), this server under each protocol, this server with batch 1, an empty Kestrel endpoint that moves
/// the same bytes (the protocol's floor), and a plain Node.js server. The contestants take turns; the median of the rounds counts.
/// </summary>
internal sealed class ServingSuite(bool quick)
{
    private const double LargeShare = 0.95;
    private const double SmallShare = 0.85;
    private const int ManyRows = 32;

    private readonly Effort _effort = quick ? Effort.Quick : Effort.Full;

    /// <summary>Runs it all.</summary>
    public async Task<SuiteReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("benchmarks-").FullName;
        try
        {
            return await RunAsync(new Models(folder), cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<SuiteReport> RunAsync(Models models, CancellationToken cancellationToken)
    {
        var saturation = new Saturation(_effort);
        var small = new SmallRequests(_effort);
        var latency = new AddedLatency(_effort);
        var side = new SideCosts(_effort);
        var overload = new Overload(_effort);
        List<Bar> bars =
        [
            .. await saturation.MeasureAsync(models.MobileNet, clients: 16, rows: 1, LargeShare, cancellationToken),
            .. await saturation.MeasureAsync(models.Encoder, clients: 32, rows: 1, LargeShare, cancellationToken),
            .. await saturation.MeasureAsync(models.Language, clients: 8, ManyRows, SmallShare, cancellationToken),
            .. await saturation.MeasureAsync(models.DigitsMlp, clients: 8, ManyRows, SmallShare, cancellationToken),
        ];
        foreach (var model in (ServedModel[])[models.Identity, models.DigitsMlp, models.DigitsCnn])
        {
            bars.AddRange(await small.MeasureAsync(model, cancellationToken));
        }

        foreach (var model in (ServedModel[])[models.Identity, models.DigitsMlp])
        {
            bars.AddRange(await latency.MeasureAsync(model, cancellationToken));
        }

        bars.AddRange(await side.MeasureAsync(models.DigitsMlp, cancellationToken));
        bars.Add(await overload.MeasureAsync(models.MobileNet, times: 5, payForRefusals: false, cancellationToken));
        bars.Add(await overload.MeasureAsync(models.Language, times: 5, payForRefusals: true, cancellationToken));
        bars.Add(await overload.MeasureAsync(models.DigitsCnn, times: 5, payForRefusals: true, cancellationToken));
        return new SuiteReport("serving", Machine.Describe(), [saturation.Table, small.Table, latency.Table, side.Table, overload.Table], bars);
    }
}
