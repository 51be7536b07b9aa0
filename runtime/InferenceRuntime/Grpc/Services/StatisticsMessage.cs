using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Grpc.Messages;

namespace InferenceRuntime.Grpc.Services;

/// <summary>What an engine has counted, as Triton's ModelStatistics says it; the same as the REST port's statistics.</summary>
/// <remarks>A request that shared the computation of an equal one is a hit. Lookups are counted and not timed.</remarks>
internal static class StatisticsMessage
{
    public static Messages.ModelStatistics Of(IInferenceEngine engine)
    {
        var model = engine.Statistics.ReadModel();
        var cache = engine.Cache ?? default;
        return new Messages.ModelStatistics
        {
            Name = engine.Signature.Name,
            Version = engine.Signature.Version,
            LastInference = (ulong)(model.LastInferenceAt - DateTimeOffset.UnixEpoch).TotalMilliseconds,
            InferenceCount = (ulong)model.InferenceCount,
            ExecutionCount = (ulong)model.ExecutionCount,
            InferenceStats = new InferStatistics
            {
                Success = Duration(model.Success),
                Fail = Duration(model.Failure),
                Queue = Duration(model.Queue),
                ComputeInput = Duration(model.ComputeInput),
                ComputeInfer = Duration(model.ComputeInfer),
                ComputeOutput = Duration(model.ComputeOutput),
                CacheHit = new StatisticDuration { Count = (ulong)(cache.Hits + cache.Joined) },
                CacheMiss = new StatisticDuration { Count = (ulong)cache.Misses },
            },
            BatchStats =
            {
                model.BatchSizes.Select(static size => new InferBatchStatistics
                {
                    BatchSize = (ulong)size.Rows,
                    ComputeInput = Duration(size.ComputeInput),
                    ComputeInfer = Duration(size.ComputeInfer),
                    ComputeOutput = Duration(size.ComputeOutput),
                }),
            },
        };
    }

    private static StatisticDuration Duration(DurationSum sum) =>
        new() { Count = (ulong)sum.Count, Ns = (ulong)(sum.Total.Ticks * TimeSpan.NanosecondsPerTick) };
}
