using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;

namespace InferenceOperator.Core.Control;

/// <summary>
/// Adds replicas while the error budget burns although by the model there are enough, and takes none away meanwhile. It asks the counters alone,
/// so that it holds where the model is wrong. Pure.
/// </summary>
/// <remarks>
/// Source: Beyer et al., The Site Reliability Workbook (2018), chapter 5: the burn rate over a long and a short window, so that it has lasted
/// and still does. Whether it is burning is told of the lower bound of Wilson's interval, so that few requests prove nothing.
/// </remarks>
internal static class BurnGuard
{
    /// <summary>Times as fast as the SLO allows: a budget of 30 days would be gone in two.</summary>
    private const double Rate = 14.4;

    /// <summary>Fewest requests in a window that prove anything.</summary>
    private const double RequestsMin = 10;

    /// <summary>Deviations of Wilson's interval: 95 %.</summary>
    private const double Deviations = 1.96;

    /// <summary>A tenth more at a time, at least one.</summary>
    private const int GrowthPart = 10;

    /// <summary>Times what the model asks for up to which it adds: what twice as many do not mend is no lack of replicas.</summary>
    private const int BeyondModel = 2;

    /// <summary>Time for which what was added is kept: the long window, in which it burned.</summary>
    private static readonly TimeSpan Kept = BudgetBasis.Window;

    /// <summary>Time after which the short window tells of the replicas that serve: its length, and what a backlog takes.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1) + AgentController.DrainTime;

    /// <summary>The plan with what the error budget asks for beyond it.</summary>
    public static ReplicaPlan Over(Situation s, ReplicaPlan plan)
    {
        if (s.Traffic is null || s.Basis.Budget is not { } budget)
        {
            return plan;
        }

        var current = s.Basis.Current.Replicas;
        var burns = IsBurning(s);
        if (plan.Rule == DecisionRule.ScaleDown && (burns || s.Basis.At - budget.RaisedAt < Kept))
        {
            plan = plan with { Replicas = current, Rule = DecisionRule.HoldDown, Guards = [GuardRail.BurnRate] };
        }

        // What the model asks for is on its way, or waits for the batch limit: only where it sees no lack is it overruled.
        if (!burns || plan.Rule is not (DecisionRule.Hold or DecisionRule.HoldDown) || plan.Required is not { } required || required > current || !IsSettled(s, budget))
        {
            return plan;
        }

        var bounds = s.Basis.Scaling;
        var wanted = Math.Min(Math.Min(current + Math.Max(1, (current + GrowthPart - 1) / GrowthPart), BeyondModel * Math.Max(1, required)), bounds.MaxReplicas);
        wanted = Math.Min(wanted, Math.Max(current, ReplicaPlanner.Ceiling(bounds, s.Basis.Ready, s.Basis.Overdue)));
        return wanted > current ? new(wanted, required, DecisionRule.BurnRate, [GuardRail.BurnRate])
            : current >= bounds.MaxReplicas ? plan with { Guards = plan.Guards.Add(GuardRail.MaxReplicas) }
            : plan;
    }

    /// <summary>The budget burns, over the long window and over the short one, and the SLO is not held again by now.</summary>
    private static bool IsBurning(Situation s)
    {
        var allowed = 1 - s.Basis.Slo!.Latency.Share; // There is no budget without an SLO.
        // Where much may be missed, no share can be so many times as much.
        var limit = Math.Min(Rate * allowed, (1 + allowed) / 2);
        var (now, shorter) = (s.Traffic!.Medium, s.Traffic.Long); // Looked at before.
        var isHeldAgain = now.SloRequests >= Situation.RequestsForAttainment && now.Attainment >= s.Basis.Slo.Latency.Share;
        return !isHeldAgain && Proven(s.Basis.Budget!.Slo) > limit && Proven(new(shorter.SloRequests, shorter.SloMet)) > limit;
    }

    /// <summary>The share of requests that missed the SLO, at least.</summary>
    private static double Proven(SloSums sums)
    {
        var (n, z) = (sums.Requests, Deviations);
        if (n < RequestsMin)
        {
            return 0;
        }

        var share = Math.Clamp(1 - (sums.Met / n), 0, 1);
        return (share + (z * z / (2 * n)) - (z * Math.Sqrt((share * (1 - share) / n) + (z * z / (4 * n * n))))) / (1 + (z * z / n));
    }

    /// <summary>What is there has shown what it can do, and does not mend it.</summary>
    private static bool IsSettled(Situation s, BudgetBasis budget) =>
        !s.Objective.SizesByUtilisation && s.Basis is { Pending: 0, Unschedulable: 0 }
        && s.Basis.Measurement.SampledAt - budget.SteadySince >= Settling && !(s.Basis.Measurement.SampledAt - budget.RaisedAt < Settling);
}
