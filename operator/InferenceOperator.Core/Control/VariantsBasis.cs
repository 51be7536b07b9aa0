using System.Collections.Immutable;

namespace InferenceOperator.Core.Control;

/// <summary>What a decision on who answers rests on. Immutable.</summary>
public sealed record VariantsBasis
{
    /// <summary>In the order of the manifest; at least one.</summary>
    public required ImmutableArray<VariantBasis> Options { get; init; }

    /// <summary>Least accuracy relative to the model itself; null: none.</summary>
    public double? AccuracyFloor { get; init; }

    /// <summary>Of an hour without any accuracy, in the unit of the prices.</summary>
    public double AccuracyPrice { get; init; }

    /// <summary>When the steady variant last changed (UTC); null: never.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>Since when the replicas would do without the burst variant (UTC); null: they would not, or there is none.</summary>
    public DateTimeOffset? CalmSince { get; init; }

    public bool Equals(VariantsBasis? other) =>
        other is not null && Options.SequenceEqual(other.Options) && AccuracyFloor.Equals(other.AccuracyFloor) && AccuracyPrice.Equals(other.AccuracyPrice)
        && ChangedAt == other.ChangedAt && CalmSince == other.CalmSince;

    public override int GetHashCode() => HashCode.Combine(Options.Length, AccuracyFloor, AccuracyPrice, ChangedAt, CalmSince);
}
