namespace InferenceOperator.Core.Resource;

/// <summary>Lengths that inputs of variable length are padded to, so that requests of different lengths run together. Equal by content.</summary>
/// <param name="Buckets">1 to 32 lengths, ascending, each 1 to 16,777,216.</param>
/// <param name="Values">By input, 1 to 64: what is padded.</param>
public sealed record LengthPadding(IReadOnlyList<int> Buckets, IReadOnlyDictionary<string, long> Values)
{
    /// <inheritdoc/>
    public bool Equals(LengthPadding? other) =>
        other is not null
        && Buckets.SequenceEqual(other.Buckets)
        && Values.Count == other.Values.Count
        && Values.All(pair => other.Values.TryGetValue(pair.Key, out var value) && value == pair.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Buckets.Count, Values.Count);
}
