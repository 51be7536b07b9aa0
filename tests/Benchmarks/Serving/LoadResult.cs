using System.Text.Json;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>What a load found, and what the server's process used for it.</summary>
/// <param name="RowsPerSecond">Rows answered per second.</param>
/// <param name="RequestsPerSecond">Requests answered per second.</param>
/// <param name="RefusedPerSecond">Requests answered with another status than 200, per second.</param>
/// <param name="P50Ms">Median latency at the client, answered requests.</param>
/// <param name="P99Ms">99th percentile of it.</param>
/// <param name="CpuPerSecond">Processor seconds of the server's process per second.</param>
/// <param name="MeanBatch">Mean rows of an execution during the load; 0 for a server that does not tell.</param>
internal sealed record LoadResult(
    double RowsPerSecond, double RequestsPerSecond, double RefusedPerSecond, double P50Ms, double P99Ms, double CpuPerSecond, double MeanBatch)
{
    /// <summary>Processor time of the server's process per answered request, its model's share included.</summary>
    public double CpuMicrosPerRequest => CpuPerSecond / RequestsPerSecond * 1e6;

    /// <summary>Reads the report that <c>inference-runtime bench --output</c> wrote.</summary>
    /// <param name="file">The report.</param>
    /// <param name="cpuSeconds">Processor time of the server's process meanwhile.</param>
    /// <param name="meanBatch">Mean rows of an execution meanwhile; 0 when unknown.</param>
    /// <exception cref="InvalidOperationException">Some request got no answer at all.</exception>
    public static LoadResult Read(string file, double cpuSeconds, double meanBatch)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        var report = document.RootElement;
        var total = report.GetProperty("total");
        var answered = total.GetProperty("answered").GetInt64();
        var refused = total.GetProperty("refused").EnumerateObject().Sum(static status => status.Value.GetInt64());
        if (answered == 0 || total.GetProperty("lost").GetInt64() > 0)
        {
            throw new InvalidOperationException($"not every request was answered: {total.GetRawText()}");
        }

        var seconds = report.GetProperty("seconds").GetDouble();
        return new LoadResult(
            answered / seconds * report.GetProperty("rows").GetInt32(),
            answered / seconds,
            refused / seconds,
            total.GetProperty("p50Ms").GetDouble(),
            total.GetProperty("p99Ms").GetDouble(),
            cpuSeconds / seconds,
            meanBatch);
    }

    /// <summary>The run with the median rows per second.</summary>
    public static LoadResult Median(IEnumerable<LoadResult> runs)
    {
        LoadResult[] sorted = [.. runs.OrderBy(static run => run.RowsPerSecond)];
        return sorted[sorted.Length / 2];
    }
}
