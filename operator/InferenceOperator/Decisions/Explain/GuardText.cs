using InferenceOperator.Core.Control;
using InferenceOperator.Core.Planning;

namespace InferenceOperator.Decisions.Explain;

/// <summary>What guard rails mean, and what there would be without them.</summary>
internal static class GuardText
{
    private const int NoBound = 100_000;

    public static string Meaning(GuardRail guard) => guard switch
    {
        GuardRail.MinReplicas => "fewer would do, but minReplicas keeps them",
        GuardRail.MaxReplicas => "more are needed than maxReplicas allows",
        GuardRail.Scarcity => "the GPUs that are left to this agent do not suffice for more",
        GuardRail.UnknownNeverDown => "nothing is taken away while traffic is unknown",
        GuardRail.StartWindow => "traffic has not been known for a whole scale-down window yet: nothing is taken away before that",
        GuardRail.ScaleDownWindow => "more was needed within the scale-down window",
        GuardRail.IdleUnproven => "the last replica goes only when idleness was proven all through the window and no request is inside the endpoint",
        GuardRail.UnsafeDown => "with fewer, the predicted latency would come within a tenth of the target",
        GuardRail.UpStep => "so many replicas may be on their way at once: scaleUp.maxStep, or three times those that serve and ten at least; more are asked for when those are ready",
        GuardRail.DownStep => "so many replicas go in one step (scaleDown.maxStep, or a quarter), and steps have a pace",
        GuardRail.MetricsDisagree => "requests in flight and latencies contradict each other (Little's law): not believed for going down",
        GuardRail.Transition => "replicas are still starting: none are taken away meanwhile",
        GuardRail.BurnRate => "the error budget burned many times as fast as it may, over five minutes and over one: replicas are added whatever the model says, and none is taken away",
        GuardRail.BatchFirst => "the batch limit, which costs nothing, moves first; replicas wait at most two steps for what that brings",
        GuardRail.BatchGrowth => "the batch limit may not exceed twice the largest batch that was seen",
        GuardRail.BatchNotWorthwhile => "another batch limit would bring too little to be worth a change",
        GuardRail.BatchDwell => "the batch limit was lowered a moment ago and is not raised again yet",
        GuardRail.VariantDwell => "who answers for good changed a moment ago, or traffic has not been known for long enough to change it",
        GuardRail.VariantNeedsReplicas => "a slower variant would be cheaper or more accurate, but waits for the replicas that it needs",
        GuardRail.BurstNotFaster => "no variant that may answer while replicas start carries more than what answers now",
        GuardRail.TrendCap => "the trend asks for more than a doubling in 30 s, and is not believed beyond that",
        GuardRail.Trim => "latencies were above the model's in steady state: capacity is taken to be smaller until they are not",
        GuardRail.SloInfeasible => "the SLO cannot be held by any number of replicas: planned for 70 % of what they can do",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>What the same decision would rest on if a guard rail had no hold on it; null: it has no such switch.</summary>
    public static DecisionBasis? Without(GuardRail guard, DecisionBasis basis) => guard switch
    {
        GuardRail.MinReplicas => basis with { Scaling = basis.Scaling with { MinReplicas = Math.Min(1, basis.Scaling.MinReplicas) } },
        GuardRail.MaxReplicas => basis with { Scaling = basis.Scaling with { MaxReplicas = NoBound } },
        GuardRail.Scarcity => basis with { Cut = null },
        GuardRail.StartWindow => basis with { KnownFor = basis.Scaling.ScaleDown.Window.ToTimeSpan() },
        GuardRail.ScaleDownWindow => basis with { MostDemand = 0 },
        GuardRail.UpStep => basis with { Scaling = basis.Scaling with { ScaleUp = new() { MaxStep = new(NoBound, IsPercent: false) } } },
        GuardRail.DownStep => basis with { WentDownAt = null },
        GuardRail.MetricsDisagree => basis with { DisagreedSteps = 0 },
        GuardRail.Transition => basis with { Pending = 0 },
        GuardRail.BurnRate => basis with { Budget = null },
        GuardRail.BatchFirst => basis with { BatchFirstSteps = int.MaxValue },
        GuardRail.BatchGrowth => basis with { LargestBatch = basis.Batching.MaxSize },
        GuardRail.BatchDwell => basis with { LoweredBatchAt = null },
        GuardRail.Trim => basis with { Trim = new CapacityTrim(1, basis.At) },
        GuardRail.UnknownNeverDown or GuardRail.UnsafeDown or GuardRail.BatchNotWorthwhile or GuardRail.TrendCap or GuardRail.SloInfeasible or GuardRail.IdleUnproven
            or GuardRail.VariantDwell or GuardRail.VariantNeedsReplicas or GuardRail.BurstNotFaster => null,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
