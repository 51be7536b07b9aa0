namespace InferenceOperator.Core.Rollout;

/// <summary>What one replica did in one block of time.</summary>
/// <param name="Replica">Its name.</param>
/// <param name="Counts">Its requests.</param>
public readonly record struct ReplicaCounts(string Replica, SideCounts Counts);
