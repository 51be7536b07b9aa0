namespace InferenceOperator.Core.Observation;

/// <summary>A change of replicas that is going on.</summary>
/// <param name="Updated">Replicas that are as declared now.</param>
/// <param name="Total">Replicas in all, with those that are still as declared before.</param>
/// <param name="IsInPlace">True: an old one goes before a new one comes, for want of room.</param>
public sealed record RolloutProgress(int Updated, int Total, bool IsInPlace);
