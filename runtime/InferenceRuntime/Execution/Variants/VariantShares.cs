using InferenceRuntime.Contract;

namespace InferenceRuntime.Execution.Variants;

/// <summary>Holds the shares in the settings against the variants that there are.</summary>
internal static class VariantShares
{
    /// <summary>What does not fit, naming the field; null when all does.</summary>
    public static string? Objection(RuntimeSettings settings, IReadOnlyCollection<string> variants)
    {
        foreach (var name in settings.Serving?.Keys ?? [])
        {
            if (!variants.Contains(name))
            {
                return $"serving.{name}: there is no such variant; there are {string.Join(", ", variants)}";
            }
        }

        return null;
    }
}
