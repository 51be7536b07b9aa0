using System.Globalization;

namespace InferenceRuntime.Contract;

/// <summary>The rules for how requests are divided among the variants of a model.</summary>
public static class ServingShares
{
    /// <summary>Most variants, the full model among them.</summary>
    public const int VariantsMax = 16;

    /// <summary>Name of the variant that <c>--model</c> gives.</summary>
    public const string Full = "full";

    internal static IEnumerable<string> Validate(IReadOnlyDictionary<string, double> shares)
    {
        if (shares.Count is < 1 or > VariantsMax)
        {
            yield return $"serving: {shares.Count} variants, not 1 to {VariantsMax}";
        }

        foreach (var (variant, share) in shares)
        {
            if (!double.IsFinite(share) || share < 0)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"serving.{variant}: {share} is not 0 or more");
            }
        }

        if (!(shares.Values.Sum() > 0))
        {
            yield return "serving: the shares add up to nothing";
        }
    }
}
