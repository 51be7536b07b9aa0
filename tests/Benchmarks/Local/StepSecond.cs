using System.Text.Json;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>One second of a run.</summary>
/// <param name="Phase">Index of the phase; −1 during warm-up.</param>
/// <param name="Answered">Requests answered.</param>
/// <param name="P99Ms">99th percentile of their latency at the client, ms.</param>
/// <param name="Ready">Replicas that answer.</param>
/// <param name="MaxBatch">Batch limit in force, rows.</param>
/// <param name="Others">Cores that other programs took.</param>
internal sealed record StepSecond(int Phase, long Answered, double P99Ms, int Ready, int MaxBatch, double Others)
{
    /// <param name="line">A line of <c>inference-runtime bench --progress</c>.</param>
    /// <param name="agent">The agent of <c>/agents</c>.</param>
    /// <param name="others">Cores that other programs took.</param>
    public static StepSecond Of(string line, JsonElement agent, double others)
    {
        using var document = JsonDocument.Parse(line);
        var figures = document.RootElement.GetProperty("figures");
        var status = agent.GetProperty("status");
        return new(
            document.RootElement.GetProperty("phase").GetInt32(),
            figures.GetProperty("answered").GetInt64(),
            figures.GetProperty("p99Ms").GetDouble(),
            status.GetProperty("readyReplicas").GetInt32(),
            status.GetProperty("batching").GetProperty("maxSize").GetInt32(),
            others);
    }
}
