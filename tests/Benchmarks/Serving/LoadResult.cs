using System.Text.Json;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>What a closed-loop load found, and what the server's process used for it.</summary>
/// <param name="RowsPerSecond">Rows answered per second.</param>
/// <param name="RequestsPerSecond">Requests answered per second.</param>
/// <param name="P50Ms">Median latency at the client.</param>
/// <param name="P99Ms">99th percentile of it.</param>
/// <param name="CpuMicrosPerRequest">Processor time of the server's process per request, its model's share included.</param>
internal sealed record LoadResult(double RowsPerSecond, double RequestsPerSecond, double P50Ms, double P99Ms, double CpuMicrosPerRequest)
{
    /// <summary>Reads the report that <c>inference-runtime bench --output</c> wrote.</summary>
    /// <exception cref="InvalidOperationException">Some request was not answered with 200.</exception>
    public static LoadResult Read(string file, double cpuSeconds)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        var report = document.RootElement;
        var total = report.GetProperty("total");
        var answered = total.GetProperty("answered").GetInt64();
        if (answered != total.GetProperty("due").GetInt64())
        {
            throw new InvalidOperationException($"not every request was answered: {total.GetRawText()}");
        }

        var rate = answered / report.GetProperty("seconds").GetDouble();
        return new LoadResult(
            rate * report.GetProperty("rows").GetInt32(),
            rate,
            total.GetProperty("p50Ms").GetDouble(),
            total.GetProperty("p99Ms").GetDouble(),
            cpuSeconds / answered * 1e6);
    }

    /// <summary>The run with the median rows per second.</summary>
    public static LoadResult Median(IEnumerable<LoadResult> runs)
    {
        LoadResult[] sorted = [.. runs.OrderBy(static run => run.RowsPerSecond)];
        return sorted[sorted.Length / 2];
    }
}
