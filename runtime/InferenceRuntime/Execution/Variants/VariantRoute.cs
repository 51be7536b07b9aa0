using System.Collections.Immutable;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Dispatching;

namespace InferenceRuntime.Execution.Variants;

/// <summary>Which variant answers the next request, by the shares of one document of settings. Thread safe.</summary>
internal sealed class VariantRoute
{
    private readonly ImmutableArray<ModelVariant> _variants;
    private readonly Lock _gate = new();
    private readonly ShareSequence _sequence; // Guarded by _gate.

    /// <param name="variants">The full model first.</param>
    /// <param name="shares">By name; null: the full model has all.</param>
    public VariantRoute(ImmutableArray<ModelVariant> variants, IReadOnlyDictionary<string, double>? shares)
    {
        _variants = variants;
        _sequence = new ShareSequence([.. variants.Select(variant =>
            shares is null ? (variant.Name == ServingShares.Full ? 1 : 0) : shares.GetValueOrDefault(variant.Name))]);
    }

    /// <summary>Who answers the next request.</summary>
    public ModelVariant Next()
    {
        lock (_gate)
        {
            return _variants[_sequence.Next()];
        }
    }
}
