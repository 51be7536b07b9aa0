using InferenceRuntime.Core.Serving;
using InferenceRuntime.Grpc.Messages;

namespace InferenceRuntime.Grpc.Services;

/// <summary>What an engine has counted, as Triton's ModelStatistics says it.</summary>
/// <remarks>
/// A success's time is its whole latency at the server. Copies into and out of batches are not kept apart from the rest of
/// communication, so compute_input and compute_output count requests and have no time.
/// </remarks>
internal static class StatisticsMessage
{
    /// <param name="engine">The engine.</param>
    /// <param name="now">The present timestamp of its clock.</param>
    public static ModelStatistics Of(IInferenceEngine engine, long now)
    {
        var snapshot = engine.Statistics.Snapshot(now);
        var phases = snapshot.Phases;
        var requests = (ulong)phases.Requests;
        return new ModelStatistics
        {
            Name = engine.Signature.Name,
            Version = engine.Signature.Version,
            InferenceCount = (ulong)snapshot.Executions.Rows,
            ExecutionCount = (ulong)snapshot.Executions.Count,
            InferenceStats = new InferStatistics
            {
                Success = Duration(requests, phases.Queue + phases.Compute + phases.Communication + phases.Overhead),
                Fail = Duration(0, 0),
                Queue = Duration(requests, phases.Queue),
                ComputeInput = Duration(requests, 0),
                ComputeInfer = Duration(requests, phases.Compute),
                ComputeOutput = Duration(requests, 0),
                CacheHit = Duration(0, 0),
                CacheMiss = Duration(0, 0),
            },
        };
    }

    private static StatisticDuration Duration(ulong count, double seconds) => new() { Count = count, Ns = (ulong)(seconds * 1e9) };
}
