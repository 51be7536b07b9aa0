using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning;

/// <summary>Limits of a replica's dynamic batcher.</summary>
/// <param name="MaxSize">Most rows in one execution, at least 1.</param>
/// <param name="MaxDelay">Longest wait for company, at least 0.</param>
public sealed record BatchLimits(int MaxSize, Duration MaxDelay);
