using System.Collections.Immutable;

namespace InferenceOperator.Core.Rollout;

/// <summary>A block of time.</summary>
/// <param name="Sides">Both sides; the new one has no requests while none is tried.</param>
/// <param name="Old">Each replica of the old side.</param>
public sealed record MeteredBlock(RolloutBlock Sides, ImmutableArray<ReplicaCounts> Old);
