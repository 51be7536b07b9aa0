using System.Collections.Immutable;
using InferenceOperator.Core.Control;

namespace InferenceOperator.Core.Planning;

/// <summary>What the replica planner says.</summary>
/// <param name="Replicas">Replicas to have.</param>
/// <param name="Required">What the model asks for, before guard rails; null: not known.</param>
/// <param name="Rule">Why.</param>
/// <param name="Guards">What held it.</param>
internal sealed record ReplicaPlan(int Replicas, int? Required, DecisionRule Rule, ImmutableArray<GuardRail> Guards);
