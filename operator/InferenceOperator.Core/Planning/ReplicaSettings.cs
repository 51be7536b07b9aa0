using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning;

/// <summary>What changes on a running replica without a restart.</summary>
/// <param name="Batching">Batch limits.</param>
/// <param name="SloTarget">Latency that attainment is counted against; null: none.</param>
/// <param name="Cache">The cache of responses.</param>
public sealed record ReplicaSettings(BatchLimits Batching, Duration? SloTarget, CacheSpec Cache);
