using System.Collections.Immutable;

namespace InferenceOperator.Core.Rollout;

/// <summary>A roll-out that is not over. Immutable.</summary>
public sealed record RolloutProgress
{
    public required RevisionName From { get; init; }

    public required RevisionName To { get; init; }

    /// <summary>When it began (UTC).</summary>
    public required DateTimeOffset Since { get; init; }

    public RolloutEvidence Evidence { get; init; } = RolloutEvidence.None;

    /// <summary>When the first new replica was ready (UTC); null: none was yet.</summary>
    public DateTimeOffset? FirstReadyAt { get; init; }

    /// <summary>Replicas of the side that grows.</summary>
    public int Grown { get; init; } = 1;

    /// <summary>Most replicas of the side that grows that were ready, and since when (UTC).</summary>
    public int MostReady { get; init; }

    public DateTimeOffset MovedAt { get; init; }

    /// <summary>True: there is no room for one more, so that the side that shrinks gives its place first.</summary>
    public bool TakesPlace { get; init; }

    /// <summary>Since when new replicas have had no place (UTC); null: they have one.</summary>
    public DateTimeOffset? PlacelessSince { get; init; }

    /// <summary>Since when nobody has asked for anything while a new replica was ready (UTC); null: somebody does, or none is ready.</summary>
    public DateTimeOffset? QuietSince { get; init; }

    /// <summary>Since when it has been kept although it is no longer asked for (UTC); null: it is asked for.</summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>Since when a new replica has been failing (UTC); null: none does.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>How often each new replica that was ready went down.</summary>
    public ImmutableSortedDictionary<string, int> Falls { get; init; } = ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);

    /// <summary>New replicas that were ready at the last look.</summary>
    public ImmutableSortedSet<string> WereReady { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(RolloutProgress? other) =>
        other is not null && From == other.From && To == other.To && Since == other.Since && Evidence == other.Evidence && FirstReadyAt == other.FirstReadyAt
        && Grown == other.Grown && MostReady == other.MostReady && MovedAt == other.MovedAt && TakesPlace == other.TakesPlace && PlacelessSince == other.PlacelessSince
        && FailingSince == other.FailingSince && QuietSince == other.QuietSince && HeldSince == other.HeldSince && Falls.SequenceEqual(other.Falls) && WereReady.SetEquals(other.WereReady);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(From, To, Since, Grown, MostReady, Falls.Count);
}
