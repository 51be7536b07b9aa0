namespace InferenceOperator.Core.Rollout;

/// <summary>Replicas of one revision that are to run.</summary>
/// <param name="Revision">Their revision.</param>
/// <param name="Replicas">How many, at least 0. 0: those that are left drain.</param>
public readonly record struct RolloutSide(RevisionName Revision, int Replicas);
