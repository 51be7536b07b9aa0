using System.Text.Json;

namespace InferenceOperator.Demo;

/// <summary>One second of the load as its client saw it: a line that <c>inference-runtime bench --progress</c> prints.</summary>
/// <param name="Second">Seconds since the load began.</param>
/// <param name="Phase">Index of the phase, from 0; −1 during warm-up.</param>
/// <param name="Answered">Requests answered in this second.</param>
/// <param name="NotAnswered">Requests refused or lost in this second.</param>
/// <param name="Wrong">Answers that differ from what the model says to that row alone.</param>
/// <param name="P50">Median latency, from the instant at which a request was due.</param>
/// <param name="P99">99th percentile of it.</param>
internal sealed record LoadSecond(int Second, int Phase, long Answered, long NotAnswered, long Wrong, TimeSpan P50, TimeSpan P99)
{
    /// <summary>Reads a line.</summary>
    /// <exception cref="JsonException">It is no such line.</exception>
    public static LoadSecond Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var figures = document.RootElement.GetProperty("figures");
        return new LoadSecond(
            document.RootElement.GetProperty("second").GetInt32(),
            document.RootElement.GetProperty("phase").GetInt32(),
            figures.GetProperty("answered").GetInt64(),
            figures.GetProperty("lost").GetInt64() + figures.GetProperty("refused").EnumerateObject().Sum(static status => status.Value.GetInt64()),
            figures.GetProperty("wrong").GetInt64(),
            TimeSpan.FromMilliseconds(figures.GetProperty("p50Ms").GetDouble()),
            TimeSpan.FromMilliseconds(figures.GetProperty("p99Ms").GetDouble()));
    }
}
