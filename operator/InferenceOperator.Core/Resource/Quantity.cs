using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace InferenceOperator.Core.Resource;

/// <summary>An amount as Kubernetes writes it: <c>500m</c>, <c>2</c>, <c>256Mi</c>, <c>1.5G</c>, <c>2e3</c>.</summary>
/// <param name="Number">The number as written.</param>
/// <param name="Suffix">The suffix as written; empty: none.</param>
/// <remarks>Source of the format: Kubernetes' <c>resource.Quantity</c>.</remarks>
public readonly record struct Quantity(decimal Number, string Suffix)
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("+-0123456789.");

    private static readonly Dictionary<string, decimal> Factors = new(StringComparer.Ordinal)
    {
        [""] = 1m,
        ["n"] = 0.000_000_001m, ["u"] = 0.000_001m, ["m"] = 0.001m,
        ["k"] = 1e3m, ["M"] = 1e6m, ["G"] = 1e9m, ["T"] = 1e12m, ["P"] = 1e15m, ["E"] = 1e18m,
        ["Ki"] = 1L << 10, ["Mi"] = 1L << 20, ["Gi"] = 1L << 30, ["Ti"] = 1L << 40, ["Pi"] = 1L << 50, ["Ei"] = 1L << 60,
    };

    /// <summary>The amount in its base unit: cores, bytes, pieces.</summary>
    public decimal Value => Number * FactorOf(Suffix)!.Value;

    /// <exception cref="FormatException">Not a quantity.</exception>
    public static Quantity Parse(string text) => TryParse(text, out var quantity)
        ? quantity
        : throw new FormatException($"'{text}' is not a quantity: write 2, 500m, 256Mi or 1.5G");

    public static bool TryParse([NotNullWhen(true)] string? text, out Quantity quantity)
    {
        quantity = default;
        var span = text.AsSpan();
        var end = span.IndexOfAnyExcept(NumberCharacters);
        var number = end < 0 ? span : span[..end];
        var suffix = end < 0 ? "" : span[end..].ToString();
        if (number.Length > 24
            || !decimal.TryParse(number, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || FactorOf(suffix) is not { } factor
            || Math.Abs(value) > decimal.MaxValue / Math.Max(factor, 1m))
        {
            return false;
        }

        quantity = new(value, suffix);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}{Suffix}");

    private static decimal? FactorOf(string suffix)
    {
        if (Factors.TryGetValue(suffix, out var factor))
        {
            return factor;
        }

        return suffix.Length is > 1 and < 5 && suffix[0] is 'e' or 'E'
            && int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) && exponent is >= -9 and <= 18
            ? (decimal)Math.Pow(10, exponent)
            : null;
    }
}
