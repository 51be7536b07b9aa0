namespace InferenceOperator.Core.Resource;

/// <summary>How requests are divided among a model and its variants. Equal by content.</summary>
/// <param name="Percent">By name, the model itself as <see cref="Full"/>: 0 to 100, adding up to 100.</param>
public sealed record VariantShares(IReadOnlyDictionary<string, int> Percent)
{
    /// <summary>Name of the model itself.</summary>
    public const string Full = "full";

    /// <summary>What the variants declare, the rest for the model itself; null: the model itself answers everything.</summary>
    public static VariantShares? Of(IEnumerable<VariantSpec> variants)
    {
        var declared = variants.Where(static variant => variant.Share > 0).ToDictionary(static variant => variant.Name, static variant => variant.Share!.Value, StringComparer.Ordinal); // Above 0.
        return declared.Count == 0 ? null : new(new Dictionary<string, int>(declared, StringComparer.Ordinal) { [Full] = 100 - declared.Values.Sum() });
    }

    /// <inheritdoc/>
    public bool Equals(VariantShares? other) =>
        other is not null
        && Percent.Count == other.Percent.Count
        && Percent.All(pair => other.Percent.TryGetValue(pair.Key, out var percent) && percent == pair.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => Percent.Count;
}
