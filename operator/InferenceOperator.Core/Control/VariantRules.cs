using System.Collections.Immutable;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>Puts a situation to the planners of variants: who answers for good, who while replicas start, and what was weighed. Pure.</summary>
internal static class VariantRules
{
    private static readonly VariantPlan Itself = new(VariantShares.Full, null, null, "");

    /// <summary>Who answers for good.</summary>
    public static VariantPlan PlanSteady(Situation s)
    {
        var basis = s.Basis;
        if (basis.Variants is not { } variants)
        {
            return Itself;
        }

        return VariantPlanner.Plan(new()
        {
            Question = s.Demand is { } demand ? Question(s, Math.Max(basis.MostDemand, demand), basis.Trim.Factor) : null,
            Current = basis.Current.Choice,
            Options = s.Options,
            AccuracyFloor = variants.AccuracyFloor,
            Ready = basis.Ready,
            StartUp = basis.StartUp,
            KnownFor = basis.KnownFor,
            SinceChange = basis.At - variants.ChangedAt,
        });
    }

    /// <summary>Who answers while replicas start.</summary>
    public static BurstPlan PlanBurst(Situation s, BatchPlan batch, ReplicaPlan replicas, double trim)
    {
        var basis = s.Basis;
        var state = new BurstState(basis.Current.Choice.Burst, basis.Variants?.CalmSince);
        return BurstPlanner.Plan(new()
        {
            At = basis.At,
            Options = BurstOptions(s, batch, trim),
            State = state,
            Demand = s.Load,
            Capacity = s.Capacity(batch, trim),
            Ready = basis.Ready,
            Pending = basis.Pending,
            Required = replicas.Required,
            IsAtRisk = s.IsMissing,
            BatchFirst = replicas.Guards.Contains(GuardRail.BatchFirst),
        });
    }

    /// <summary>The plans for the demand of now, with the batch limits in force, decided on and planned for among them; empty while demand or service time is unknown.</summary>
    public static ImmutableArray<PlanCandidate> Weighed(Situation s, BatchPlan batch, double trim)
    {
        if (s.Demand is not { } demand || s.Steady.Service is null)
        {
            return [];
        }

        ImmutableArray<int> shown = [.. new[] { s.Basis.Current.Batching.MaxSize, batch.Limits.MaxSize }.Where(limit => limit <= batch.Reachable)];
        var planned = s.Steady with { Batches = [.. ModelOption.BatchesUpTo(batch.Reachable).Union(shown).Order()], Shown = shown };
        return PlanEnumeration.Of(Question(s, demand, trim) with { Options = s.Options.Replace(s.Steady, planned), Current = s.Steady.Name }).Candidates;
    }

    /// <summary>Who goes on answering where decisions are not applied: whoever does, while it is allowed.</summary>
    public static VariantChoice Kept(Situation s)
    {
        var (choice, floor) = (s.Basis.Current.Choice, s.Basis.Variants?.AccuracyFloor);
        bool IsAllowed(string name) => s.Options.Any(o => o.Name == name && o.IsAccurate(floor));
        return new(IsAllowed(choice.Steady) ? choice.Steady : VariantShares.Full, choice.Burst is { } burst && IsAllowed(burst) ? burst : null);
    }

    private static PlanQuestion Question(Situation s, double demand, double trim) => new()
    {
        Options = s.Options,
        Current = s.Basis.Current.Choice.Steady,
        CurrentReplicas = s.Basis.Current.Replicas,
        Demand = demand,
        ReplicasMin = s.Basis.Scaling.MinReplicas,
        ReplicasMax = Math.Min(s.Basis.Scaling.MaxReplicas, s.Basis.Cut?.Granted ?? int.MaxValue),
        Trim = trim,
        AccuracyFloor = s.Basis.Variants?.AccuracyFloor,
        AccuracyPrice = s.Basis.Variants?.AccuracyPrice ?? 0,
        ReplicaPrice = s.Basis.ReplicaPrice ?? GpuPrices.Default,
        StartUp = s.Basis.StartUp,
    };

    /// <summary>One that answers already is resident enough: replicas that were not measured say nothing.</summary>
    private static ImmutableArray<BurstOption> BurstOptions(Situation s, BatchPlan batch, double trim) =>
    [
        .. s.Options
            .Where(o => o.Name != VariantShares.Full && o.Name != s.Steady.Name && (o.IsResident || o.Name == s.Basis.Current.Choice.Burst) && o.IsAccurate(s.Basis.Variants?.AccuracyFloor) && (!o.IsTooSlow || s.Steady.IsTooSlow))
            .Select(o => new BurstOption(o.Name, o.Accuracy, o.Service is null ? null : o.Table.Capacity(batch.Reachable) / trim)),
    ];
}
