using InferenceOperator.Core.Control;

namespace InferenceOperator.Core.Planning.Variants;

/// <summary>Who is to answer for good.</summary>
/// <param name="Steady">Its name.</param>
/// <param name="Answer">What was weighed; null when traffic is unknown.</param>
/// <param name="Guard">What holds a cheaper one off; null: nothing.</param>
/// <param name="Why">Why it changes; empty when it does not.</param>
internal sealed record VariantPlan(string Steady, PlanAnswer? Answer, GuardRail? Guard, string Why);
