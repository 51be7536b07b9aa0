using System.Collections.Immutable;

namespace InferenceOperator.Core.Resource;

/// <summary>The roll-out that is going on, or how the last one ended; an operator that restarts goes on from it.</summary>
public sealed record RolloutStatus
{
    public RolloutPhase Phase { get; init; }

    /// <summary>Revision that served before.</summary>
    public required string From { get; init; }

    /// <summary>Revision that is, or was, tried.</summary>
    public required string To { get; init; }

    /// <summary>When it began, or ended (UTC).</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>What it does, waits for, or why it ended.</summary>
    public string Reason { get => field ?? ""; init; } = "";

    public ImmutableArray<RolloutEvidenceStatus> Evidence { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>The same but for the figures.</summary>
    public bool IsNewsTo(RolloutStatus? before) => before is null || (Phase, From, To, Since) != (before.Phase, before.From, before.To, before.Since);

    /// <inheritdoc/>
    public bool Equals(RolloutStatus? other) =>
        other is not null && Phase == other.Phase && From == other.From && To == other.To && Since == other.Since && Reason == other.Reason && Evidence.SequenceEqual(other.Evidence);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Phase, From, To, Since, Reason);
}
