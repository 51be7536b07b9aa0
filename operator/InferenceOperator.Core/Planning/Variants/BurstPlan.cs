using InferenceOperator.Core.Control;

namespace InferenceOperator.Core.Planning.Variants;

/// <summary>What the burst planner says.</summary>
/// <param name="State">Who is to answer, and what to remember.</param>
/// <param name="Guard">What kept a variant from answering; null: nothing.</param>
/// <param name="Why">Why it comes or goes; empty when nothing changes.</param>
internal sealed record BurstPlan(BurstState State, GuardRail? Guard, string Why);
