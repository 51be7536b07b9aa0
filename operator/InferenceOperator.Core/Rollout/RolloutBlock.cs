namespace InferenceOperator.Core.Rollout;

/// <summary>
/// Both sides over the same time. Such a block is one observation of the test, not each request: requests of one batch, and of one
/// surge of load, are slow together, and would count as many proofs of one event.
/// </summary>
/// <param name="Old">The side that served before.</param>
/// <param name="New">The side that is tried.</param>
public readonly record struct RolloutBlock(SideCounts Old, SideCounts New);
