using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Workloads;
using InferenceRuntime.Contract;

namespace InferenceOperator.Control;

/// <summary>Which replica compares its answers with those of the old ones while a revision is tried.</summary>
/// <param name="From">The old revision, whose replicas send.</param>
/// <param name="Settings">What each of them is told.</param>
internal sealed record ShadowTarget(RevisionName From, ShadowSettings Settings)
{
    /// <summary>The target; null: nothing is shadowed now.</summary>
    /// <param name="shadow">What is declared.</param>
    /// <param name="plan">Where the roll-out stands.</param>
    /// <param name="replicas">The replicas that have addresses.</param>
    public static ShadowTarget? Of(ShadowSpec? shadow, RolloutPlan? plan, IReadOnlyCollection<ReplicaAccess> replicas)
    {
        if (shadow is null || plan?.Compared is not { } sides)
        {
            return null;
        }

        var senders = replicas.Count(r => r.Revision == sides.From && r.Phase is ReplicaPhase.Ready);
        var target = replicas.Where(r => r.Revision == sides.To && r.Phase is ReplicaPhase.Ready).MinBy(static r => r.Name, StringComparer.Ordinal);
        return target is null || senders == 0 ? null : new(sides.From, new()
        {
            Address = target.Admin.GetLeftPart(UriPartial.Authority),

            // Of what one of them answers: many old ones do not flood a single new one.
            Share = shadow.Percent / 100.0 / senders,
        });
    }
}
