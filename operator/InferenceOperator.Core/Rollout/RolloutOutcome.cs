namespace InferenceOperator.Core.Rollout;

/// <summary>How the last roll-out ended.</summary>
/// <param name="IsPromoted">True: the new revision serves. False: it was sent back, and is not tried again until the manifest asks for another.</param>
/// <param name="From">The revision that served before.</param>
/// <param name="To">The one that was tried.</param>
/// <param name="At">When it ended (UTC).</param>
/// <param name="Reason">Why, for people.</param>
/// <param name="Evidence">What was seen.</param>
public sealed record RolloutOutcome(bool IsPromoted, RevisionName From, RevisionName To, DateTimeOffset At, string Reason, RolloutEvidence Evidence);
