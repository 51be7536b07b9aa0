using System.Collections.Immutable;
using InferenceOperator.Core.Control;

namespace InferenceOperator.Core.Planning;

/// <summary>What the batch planner says.</summary>
/// <param name="Limits">The limits to have.</param>
/// <param name="Reachable">The limit that growth will come to within some steps, by what is known now; replicas are planned for it.</param>
/// <param name="Guards">What held it.</param>
/// <param name="Why">Why the limit moves; empty when it does not.</param>
internal sealed record BatchPlan(BatchLimits Limits, int Reachable, ImmutableArray<GuardRail> Guards, string Why);
