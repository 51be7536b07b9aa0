using System.Collections.Immutable;

namespace InferenceOperator.Core.Rollout;

/// <summary>What is to run, by revision: one side, or the old and the new. Replicas of any other revision drain. Equal by content.</summary>
/// <param name="All">One or two, the one that served before first.</param>
public sealed record RolloutSides(ImmutableArray<RolloutSide> All)
{
    /// <inheritdoc/>
    public bool Equals(RolloutSides? other) => other is not null && All.SequenceEqual(other.All);

    /// <inheritdoc/>
    public override int GetHashCode() => All.IsEmpty ? 0 : HashCode.Combine(All.Length, All[0]);

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", All.Select(static side => $"{side.Replicas} of {side.Revision}"));
}
