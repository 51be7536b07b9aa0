using System.Globalization;
using System.Text.Json;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>What was measured in a run.</summary>
/// <param name="Due">Requests that fell due after the warm-up.</param>
/// <param name="WithinSlo">Of those, answered within the target, from their due time at the client.</param>
/// <param name="LowP50Seconds">Median latency before the step, at the client.</param>
/// <param name="ServerAttainment">Share within the target as the replicas counted the last minute, which is what was counted here; null: not told.</param>
/// <param name="Fit">Time of an execution, from status.</param>
/// <param name="StartUpSeconds">From wanted to ready, as the operator learned it.</param>
/// <param name="Seconds">Second by second.</param>
internal sealed record StepOutcome(long Due, long WithinSlo, double LowP50Seconds, double? ServerAttainment, FitStatus Fit, double StartUpSeconds, IReadOnlyList<StepSecond> Seconds)
{
    public double Attainment => (double)WithinSlo / Due;

    /// <param name="report">What <c>inference-runtime bench --output</c> wrote.</param>
    /// <param name="agent">The agent of <c>/agents</c> at the end.</param>
    /// <param name="startUpSeconds">From wanted to ready.</param>
    /// <param name="seconds">Second by second.</param>
    public static StepOutcome Of(string report, JsonElement agent, double startUpSeconds, IReadOnlyList<StepSecond> seconds)
    {
        using var document = JsonDocument.Parse(report);
        var total = document.RootElement.GetProperty("total");
        var status = agent.GetProperty("status");
        var observed = status.GetProperty("observed");
        return new(
            total.GetProperty("due").GetInt64(),
            total.GetProperty("withinSlo").GetInt64(),
            document.RootElement.GetProperty("phases")[0].GetProperty("p50Ms").GetDouble() / 1000,
            observed.TryGetProperty("sloAttainment", out var share) ? double.Parse(share.GetString()!, CultureInfo.InvariantCulture) / 100 : null, // Text, where it is there.
            status.GetProperty("model").Deserialize(AgentJson.Default.FitStatus) ?? throw new InvalidOperationException("no execution was measured"),
            startUpSeconds,
            seconds);
    }
}
