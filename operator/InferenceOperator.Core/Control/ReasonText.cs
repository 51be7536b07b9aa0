using System.Globalization;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>Says a decision in one sentence for a person at three in the morning.</summary>
internal static class ReasonText
{
    public static string Of(DecisionRecord d, Situation s, BatchPlan batch, ControlInput input)
    {
        var sentence = d.Rule switch
        {
            DecisionRule.Start => $"starts with {Replicas(d.Proposed.Replicas)} at batch limit {d.Proposed.Batching.MaxSize}{(s.Measurement is Measurement.Unknown u ? $"; {u.Detail}" : "")}",
            DecisionRule.HoldUnknown => $"keeps {Replicas(d.Proposed.Replicas)}: traffic is unknown, {Unknown(s, input)}",
            DecisionRule.Bounds => $"moves from {d.Inputs.Replicas} to {Replicas(d.Proposed.Replicas)}: the manifest allows {input.Agent.Spec.Scaling.MinReplicas} to {input.Agent.Spec.Scaling.MaxReplicas}",
            DecisionRule.External => $"keeps the {Replicas(d.Proposed.Replicas)} of scaling.replicas; {Need(d, s)}",
            DecisionRule.Batch => $"batch limit from {d.Inputs.MaxBatch} to {d.Proposed.Batching.MaxSize}: {(batch.Why.Length > 0 ? batch.Why : "the manifest's bounds or the time left by the SLO changed")}",
            DecisionRule.ScaleUp => $"from {d.Inputs.Replicas} to {Replicas(d.Proposed.Replicas)}: {Need(d, s)}{Overdue(d)}{AndBatch(d)}",
            DecisionRule.ScaleDown => $"from {d.Inputs.Replicas} to {Replicas(d.Proposed.Replicas)}: {Need(d, s)}, and no more was needed for {input.Agent.Spec.Scaling.ScaleDown.Window}{AndBatch(d)}",
            DecisionRule.HoldDown => $"keeps {Replicas(d.Proposed.Replicas)} although {Need(d, s)}: {Held(d, input)}",
            DecisionRule.Hold => $"keeps {Replicas(d.Proposed.Replicas)}: {Need(d, s)}",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return sentence + Ceiling(d, input) + Mode(d) + ".";
    }

    private static string Need(DecisionRecord d, Situation s)
    {
        if (s.Measurement is Measurement.Idle idle)
        {
            return $"no request came for {Duration.FromSecondsRounded(idle.Window.TotalSeconds)}";
        }

        if (s.Forecast is not { } f)
        {
            return Unknown(s, null);
        }

        var demand = string.Create(CultureInfo.InvariantCulture, $"{f.RowsPerSecond:0.#} rows/s expected{(f.BacklogRows > 0 ? $" and {f.BacklogRows:0} rows waiting" : "")}");
        if (d.CapacityPerReplica is not { } capacity || d.RequiredReplicas is not { } required)
        {
            return $"{demand}, the service time is not known yet";
        }

        var within = s.Objective is { HasSlo: true, SizesByUtilisation: false } ? $" within {Duration.FromSecondsRounded(s.Objective.TargetSeconds)}" : " at 70 % utilisation";
        return string.Create(CultureInfo.InvariantCulture, $"{demand}, a replica carries {capacity:0.#}{within}: {required} {(required == 1 ? "is" : "are")} needed");
    }

    private static string Unknown(Situation s, ControlInput? input)
    {
        var detail = s.Measurement is Measurement.Unknown unknown ? unknown.Detail : "traffic is not measured";
        return input?.MetricFailure is { } failure ? $"{detail} ({failure})" : detail;
    }

    private static string Held(DecisionRecord d, ControlInput input) => d.Guards.LastOrDefault(g => g is not (GuardRail.Trim or GuardRail.TrendCap or GuardRail.SloInfeasible)) switch
    {
        GuardRail.StartWindow => $"traffic has been known for less than the scale-down window of {input.Agent.Spec.Scaling.ScaleDown.Window}",
        GuardRail.ScaleDownWindow => $"more was needed within the last {input.Agent.Spec.Scaling.ScaleDown.Window}",
        GuardRail.UnsafeDown => "with fewer the latency would come too near the SLO",
        GuardRail.DownStep => "replicas were taken away a moment ago",
        GuardRail.MetricsDisagree => "requests in flight and latencies contradict each other",
        GuardRail.Transition => $"{d.Inputs.Pending} are still starting",
        _ => "a guard rail holds them",
    };

    private static string Overdue(DecisionRecord d) =>
        d.RequiredReplicas <= d.Inputs.Replicas ? $", and {d.Inputs.Overdue} take more than twice the usual {Duration.FromSecondsRounded(d.Inputs.StartUpSeconds)} to start" : "";

    private static string AndBatch(DecisionRecord d) =>
        d.Inputs.MaxBatch != d.Proposed.Batching.MaxSize ? $"; batch limit from {d.Inputs.MaxBatch} to {d.Proposed.Batching.MaxSize}" : "";

    private static string Ceiling(DecisionRecord d, ControlInput input) =>
        d.Guards.Contains(GuardRail.MaxReplicas) ? $"; maxReplicas {input.Agent.Spec.Scaling.MaxReplicas} holds it" : "";

    private static string Mode(DecisionRecord d) => d.Mode != ScalingMode.Auto && d.Proposed != d.Applied ? $" (not applied: mode {d.Mode})" : "";

    private static string Replicas(int count) => count == 1 ? "1 replica" : $"{count} replicas";
}
