namespace InferenceOperator.Core.Resource;

/// <summary>How requests are divided among a model and its variants. Equal by content.</summary>
/// <param name="Percent">By name, the model itself as <see cref="Full"/>: 0 to 100, adding up to 100.</param>
public sealed record VariantShares(IReadOnlyDictionary<string, int> Percent)
{
    /// <summary>Name of the model itself.</summary>
    public const string Full = "full";

    /// <summary>What the variants declare, the rest for whoever answers it; null: the model itself answers everything.</summary>
    /// <param name="variants">All that are declared.</param>
    /// <param name="rest">Who answers what no share is declared for; one that is not among them counts as the model itself.</param>
    public static VariantShares? Of(IReadOnlyCollection<VariantSpec> variants, string rest = Full)
    {
        var shares = variants.Where(static variant => variant.Share > 0).ToDictionary(static variant => variant.Name, static variant => variant.Share!.Value, StringComparer.Ordinal); // Above 0.
        var answers = variants.Any(variant => variant.Name == rest && variant.Use != VariantUse.Share) ? rest : Full;
        if (shares.Count == 0 && answers == Full)
        {
            return null;
        }

        shares[answers] = 100 - shares.Values.Sum();
        return new(shares);
    }

    /// <inheritdoc/>
    public bool Equals(VariantShares? other) =>
        other is not null
        && Percent.Count == other.Percent.Count
        && Percent.All(pair => other.Percent.TryGetValue(pair.Key, out var percent) && percent == pair.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => Percent.Count;
}
