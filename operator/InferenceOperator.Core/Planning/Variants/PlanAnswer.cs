using System.Collections.Immutable;

namespace InferenceOperator.Core.Planning.Variants;

/// <summary>The plans that were weighed.</summary>
/// <param name="Best">The cheapest that holds the SLO; where none does, the one that carries most. Null: nothing is measured that may answer.</param>
/// <param name="Candidates">By variant and batch limit, the model itself first.</param>
internal sealed record PlanAnswer(PlanCandidate? Best, ImmutableArray<PlanCandidate> Candidates)
{
    /// <summary>The best of one variant; null: it was not weighed.</summary>
    public PlanCandidate? BestOf(string variant) => Candidates.Where(c => c.Variant == variant).OrderBy(static c => c, PlanOrder.Instance).FirstOrDefault();
}
