using System.Text.Json;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>What a load found, and what the server's process used for it meanwhile.</summary>
/// <param name="RowsPerSecond">Rows answered per second.</param>
/// <param name="RequestsPerSecond">Requests answered per second.</param>
/// <param name="RefusedPerSecond">Requests answered with another status than 200, per second.</param>
/// <param name="LostPerSecond">Requests never answered, or never sent since too many waited for their turn, per second.</param>
/// <param name="P50Ms">Median latency at the client, answered requests.</param>
/// <param name="P99Ms">99th percentile of it.</param>
/// <param name="CpuPerSecond">Processor seconds of the server's process per second.</param>
/// <param name="MeanBatch">Mean rows of an execution during the load; 0 for a server that does not tell.</param>
internal sealed record LoadResult(
    double RowsPerSecond,
    double RequestsPerSecond,
    double RefusedPerSecond,
    double LostPerSecond,
    double P50Ms,
    double P99Ms,
    double CpuPerSecond,
    double MeanBatch)
{
    /// <summary>Requests answered or refused, per second.</summary>
    public double EndedPerSecond => RequestsPerSecond + RefusedPerSecond;

    /// <summary>Processor time of the server's process per answered request, its model's share included.</summary>
    public double CpuMicrosPerRequest => CpuPerSecond / RequestsPerSecond * 1e6;

    /// <summary>Reads the report that <c>inference-runtime bench --output</c> wrote, of a load without warm-up.</summary>
    /// <param name="file">The report.</param>
    /// <param name="cpuSeconds">Processor time of the server's process meanwhile.</param>
    /// <param name="meanBatch">Mean rows of an execution meanwhile; 0 when unknown.</param>
    /// <exception cref="InvalidOperationException">No request was answered.</exception>
    public static LoadResult Read(string file, double cpuSeconds, double meanBatch)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        var report = document.RootElement;
        var total = report.GetProperty("total");
        var answered = total.GetProperty("answered").GetInt64();
        var refused = total.GetProperty("refused").EnumerateObject().Sum(static status => status.Value.GetInt64());
        if (answered == 0)
        {
            throw new InvalidOperationException($"no request was answered: {total.GetRawText()}");
        }

        // Every reply is counted, those too that came after the load had ended: so must their time be.
        var seconds = report.GetProperty("lastReplySeconds").GetDouble();
        return new LoadResult(
            answered / seconds * report.GetProperty("rows").GetInt32(),
            answered / seconds,
            refused / seconds,
            total.GetProperty("lost").GetInt64() / seconds,
            total.GetProperty("p50Ms").GetDouble(),
            total.GetProperty("p99Ms").GetDouble(),
            cpuSeconds / seconds,
            meanBatch);
    }

    /// <summary>What ended from the end of the first second to that of the last; latencies are those of the whole load.</summary>
    /// <param name="passed">The seconds of a load of one-row requests, at least two.</param>
    /// <param name="file">The report that bench wrote of all of it.</param>
    public static LoadResult Of(IReadOnlyList<FloodSecond> passed, string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        var total = document.RootElement.GetProperty("total");
        var seconds = TimeProvider.System.GetElapsedTime(passed[0].At, passed[^1].At).TotalSeconds;
        var counted = passed.Skip(1).ToArray();
        var answered = counted.Sum(static second => second.Answered) / seconds;
        return new LoadResult(
            answered,
            answered,
            counted.Sum(static second => second.Refused) / seconds,
            counted.Sum(static second => second.Lost) / seconds,
            total.GetProperty("p50Ms").GetDouble(),
            total.GetProperty("p99Ms").GetDouble(),
            (passed[^1].CpuSeconds - passed[0].CpuSeconds) / seconds,
            MeanBatch: 0);
    }

    /// <summary>The medians of all figures, each for itself.</summary>
    public static LoadResult Median(IReadOnlyCollection<LoadResult> runs)
    {
        return new LoadResult(
            Of(static run => run.RowsPerSecond),
            Of(static run => run.RequestsPerSecond),
            Of(static run => run.RefusedPerSecond),
            Of(static run => run.LostPerSecond),
            Of(static run => run.P50Ms),
            Of(static run => run.P99Ms),
            Of(static run => run.CpuPerSecond),
            Of(static run => run.MeanBatch));

        double Of(Func<LoadResult, double> figure) => runs.Select(figure).Median();
    }
}
