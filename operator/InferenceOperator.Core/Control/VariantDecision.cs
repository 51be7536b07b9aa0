using InferenceOperator.Core.Planning.Variants;

namespace InferenceOperator.Core.Control;

/// <summary>Who answers, and why.</summary>
/// <param name="Steady">For good.</param>
/// <param name="Burst">While replicas start.</param>
internal sealed record VariantDecision(VariantPlan Steady, BurstPlan Burst)
{
    public VariantChoice Choice => new(Steady.Steady, Burst.State.Variant);

    /// <summary>Why it changes; empty when it does not.</summary>
    public string Why => Steady.Why.Length > 0 && Burst.Why.Length > 0 ? $"{Steady.Why}; {Burst.Why}" : Steady.Why + Burst.Why;
}
