using System.Text.Json;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>What ended within a second of a flood, as <c>bench --progress</c> prints it.</summary>
/// <param name="At">Timestamp of its end.</param>
/// <param name="CpuSeconds">Processor time of the server by then.</param>
/// <param name="Answered">Requests answered.</param>
/// <param name="Refused">Requests answered with another status than 200.</param>
/// <param name="Lost">Requests never answered or never sent.</param>
internal sealed record FloodSecond(long At, double CpuSeconds, long Answered, long Refused, long Lost)
{
    /// <summary>Reads a line.</summary>
    public static FloodSecond Read(string line, long at, double cpuSeconds)
    {
        using var document = JsonDocument.Parse(line);
        var figures = document.RootElement.GetProperty("figures");
        return new FloodSecond(
            at,
            cpuSeconds,
            figures.GetProperty("answered").GetInt64(),
            figures.GetProperty("refused").EnumerateObject().Sum(static status => status.Value.GetInt64()),
            figures.GetProperty("lost").GetInt64());
    }
}
