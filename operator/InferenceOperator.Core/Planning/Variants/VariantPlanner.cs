using System.Globalization;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning.Variants;

/// <summary>
/// Lets another variant answer for good where the enumeration finds it clearly cheaper: seldom, never on unknown traffic, and never a slower
/// one before there are replicas for it.
/// </summary>
internal static class VariantPlanner
{
    /// <summary>A change has to bring the cost below this share of the present one.</summary>
    private const double Worthwhile = 0.95;

    public static VariantPlan Plan(VariantSituation now)
    {
        var steady = now.Current.Steady;
        if (now.Options.FirstOrDefault(o => o.Name == steady) is not { } current || !current.MayStay || !current.IsAccurate(now.AccuracyFloor))
        {
            return new(VariantShares.Full, null, null, $"{steady} may no longer answer for good");
        }

        if (now.Question is not { } question)
        {
            return new(steady, null, null, "");
        }

        var answer = PlanEnumeration.Of(question);
        if (now.Current.Burst is not null || answer.Best is not { } best)
        {
            return new(steady, answer, null, "");
        }

        var present = answer.BestOf(steady);
        if (current.Service is not null && current.IsTooSlow && !best.Holds && Untried(now) is { } untried)
        {
            // Nothing that was measured holds the SLO: there is nothing to lose.
            return Held(now) is { } waits ? new(steady, answer, waits, "") : new(untried, answer, null, $"{steady} cannot hold the SLO and {untried} has not been measured yet");
        }

        if (present is null || (IsClearlyBetter(best, present) ? best : MoreAccurate(answer, present)) is not { } next || next.Variant == steady)
        {
            return new(steady, answer, null, "");
        }

        var guard = Held(now) ?? (next.Capacity < present.Capacity && next.Replicas > now.Ready ? GuardRail.VariantNeedsReplicas : (GuardRail?)null);
        return guard is not null ? new(steady, answer, guard, "") : new(next.Variant, answer, null, Why(next, present));
    }

    private static bool IsClearlyBetter(PlanCandidate best, PlanCandidate present) =>
        best.Holds != present.Holds ? best.Holds
        : best.Holds ? best.CostPerHour < Worthwhile * present.CostPerHour
        : best.Replicas * best.Capacity * Worthwhile > present.Replicas * present.Capacity;

    /// <summary>One that takes no more replicas, so that only the change itself costs something; null: none is more accurate.</summary>
    private static PlanCandidate? MoreAccurate(PlanAnswer answer, PlanCandidate present) => answer.Candidates
        .Where(c => c.Holds && present.Holds && c.Replicas <= present.Replicas && (c.Accuracy ?? 0) > (present.Accuracy ?? 0))
        .OrderByDescending(static c => c.Accuracy).ThenBy(static c => c, PlanOrder.Instance).FirstOrDefault();

    private static GuardRail? Held(VariantSituation now)
    {
        var hold = PlanEnumeration.HoldTime(now.StartUp);
        return now.SinceChange < hold || now.KnownFor < hold ? GuardRail.VariantDwell : null;
    }

    private static string? Untried(VariantSituation now) => now.Options
        .Where(o => o is { MayStay: true, IsResident: true, Service: null } && o.IsAccurate(now.AccuracyFloor))
        .MaxBy(static o => o.Accuracy ?? 0)?.Name;

    private static string Why(PlanCandidate best, PlanCandidate present) =>
        best.Accuracy > present.Accuracy && best.Replicas <= present.Replicas ? $"{best.Variant} is more accurate than {present.Variant} and takes no more replicas"
        : present.Holds ? string.Create(CultureInfo.InvariantCulture, $"{best.Variant} takes {best.Replicas} replicas where {present.Variant} takes {present.Replicas}, at {best.CostPerHour:0.##} instead of {present.CostPerHour:0.##} an hour")
        : string.Create(CultureInfo.InvariantCulture, $"{best.Variant} carries {best.Capacity:0} rows/s per replica, {present.Variant} {present.Capacity:0}");
}
