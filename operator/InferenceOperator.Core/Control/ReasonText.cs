using System.Globalization;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>Says a decision in one sentence for a person at three in the morning.</summary>
internal static class ReasonText
{
    public static string Of(DecisionRecord d, Situation s, BatchPlan batch, VariantDecision variants)
    {
        var sentence = d.Rule switch
        {
            DecisionRule.Start => $"starts with {Replicas(d.Proposed.Replicas)} at batch limit {d.Proposed.Batching.MaxSize}{(d.Basis.Measurement is Measurement.Unknown u ? $"; {u.Detail}" : "")}",
            DecisionRule.HoldUnknown => $"keeps {Replicas(d.Proposed.Replicas)}: traffic is unknown, {Unknown(d.Basis)}",
            DecisionRule.Bounds => $"moves from {d.Basis.Current.Replicas} to {Replicas(d.Proposed.Replicas)}: the manifest allows {d.Basis.LeastReplicas} to {d.Basis.Scaling.MaxReplicas}",
            DecisionRule.External => $"keeps the {Replicas(d.Proposed.Replicas)} of scaling.replicas; {Need(d, s)}",
            DecisionRule.Batch => $"batch limit from {d.Basis.Current.Batching.MaxSize} to {d.Proposed.Batching.MaxSize}: {(batch.Why.Length > 0 ? batch.Why : "the manifest's bounds or the time left by the SLO changed")}",
            DecisionRule.Variant => $"{d.Proposed.Choice.Answers} answers on {Replicas(d.Proposed.Replicas)} in place of {d.Basis.Current.Choice.Answers}: {variants.Why}",
            DecisionRule.ScaleUp => $"from {d.Basis.Current.Replicas} to {Replicas(d.Proposed.Replicas)}: {Need(d, s)}{Overdue(d)}{AndBatch(d)}",
            DecisionRule.BurnRate => $"from {d.Basis.Current.Replicas} to {Replicas(d.Proposed.Replicas)}: {Burn(d.Basis)}, although by the model there are enough; {Need(d, s)}{AndBatch(d)}",
            DecisionRule.ScaleDown => $"from {d.Basis.Current.Replicas} to {Replicas(d.Proposed.Replicas)}: {Need(d, s)}, and no more was needed for {d.Basis.Scaling.ScaleDown.Window}{(d.Proposed.Replicas == 0 ? "; the next request wakes it" : "")}{AndBatch(d)}",
            DecisionRule.Asleep => "sleeps: no replica runs and no request waits for one",
            DecisionRule.Wake => $"wakes with {Replicas(d.Proposed.Replicas)}: {Requests(d.Basis.Endpoint?.Held ?? 0)} at the endpoint",
            DecisionRule.Scarcity => $"{(d.Proposed.Replicas == d.Basis.Current.Replicas ? $"keeps {Replicas(d.Proposed.Replicas)}" : $"from {d.Basis.Current.Replicas} to {Replicas(d.Proposed.Replicas)}")}: {Need(d, s)}{AndBatch(d)}; {d.Basis.Cut}",
            DecisionRule.HoldDown => $"keeps {Replicas(d.Proposed.Replicas)} although {Need(d, s)}: {Held(d)}",
            DecisionRule.Hold => $"keeps {Replicas(d.Proposed.Replicas)}: {Need(d, s)}",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return sentence + AndVariant(d, variants) + Ceiling(d) + Mode(d) + ".";
    }

    private static string Need(DecisionRecord d, Situation s)
    {
        if (d.Basis.Measurement is Measurement.Idle idle)
        {
            return $"no request came for {Duration.FromSecondsRounded(idle.Window.TotalSeconds)}";
        }

        if (s.Forecast is not { } f)
        {
            return Unknown(d.Basis with { MetricFailure = null });
        }

        var demand = string.Create(CultureInfo.InvariantCulture, $"{f.RowsPerSecond:0.#} rows/s expected{(f.BacklogRows > 0 ? $" and {f.BacklogRows:0} rows waiting" : "")}");
        if (d.CapacityPerReplica is not { } capacity || d.RequiredReplicas is not { } required)
        {
            return $"{demand}, the service time is not known yet";
        }

        var within = s.Objective is { HasSlo: true, SizesByUtilisation: false } ? $" within {Duration.FromSecondsRounded(s.Objective.TargetSeconds)}" : " at 70 % utilisation";
        return string.Create(CultureInfo.InvariantCulture, $"{demand}, a replica carries {capacity:0.#}{within}: {required} {(required == 1 ? "is" : "are")} needed");
    }

    private static string Unknown(DecisionBasis basis)
    {
        var detail = basis.Measurement is Measurement.Unknown unknown ? unknown.Detail : "traffic is not measured";
        return basis.MetricFailure is { } failure ? $"{detail} ({failure})" : detail;
    }

    private static string Held(DecisionRecord d) => d.Guards.LastOrDefault(g => g is not (GuardRail.Trim or GuardRail.TrendCap or GuardRail.SloInfeasible)) switch
    {
        GuardRail.StartWindow => $"traffic has been known for less than the scale-down window of {d.Basis.Scaling.ScaleDown.Window}",
        GuardRail.ScaleDownWindow => $"more was needed within the last {d.Basis.Scaling.ScaleDown.Window}",
        GuardRail.IdleUnproven => $"the last replica goes only after {d.Basis.Scaling.ScaleDown.Window} in which it is proven idle, and with no request at the endpoint",
        GuardRail.UnsafeDown => "with fewer the latency would come too near the SLO",
        GuardRail.DownStep => "replicas were taken away a moment ago",
        GuardRail.MetricsDisagree => "requests in flight and latencies contradict each other",
        GuardRail.BurnRate => $"{Burn(d.Basis)}, or did a moment ago",
        GuardRail.Transition => $"{d.Basis.Pending} are still starting",
        _ => "a guard rail holds them",
    };

    private static string Burn(DecisionBasis basis)
    {
        var (slo, shorter) = (basis.Budget!.Slo, ((Measurement.Measured)basis.Measurement).Traffic.Long); // The guard bites on nothing else.
        return string.Create(CultureInfo.InvariantCulture, $"{Missed(slo.Met, slo.Requests):0.#} % of the requests of {Duration.FromSecondsRounded(BudgetBasis.Window.TotalSeconds)} and {Missed(shorter.SloMet, shorter.SloRequests):0.#} % of the last minute's missed the SLO, {100 * (1 - basis.Slo!.Latency.Share):0.##} % may");

        static double Missed(double met, double requests) => requests > 0 ? 100 * Math.Clamp(1 - (met / requests), 0, 1) : 0;
    }

    private static string Overdue(DecisionRecord d) =>
        d.RequiredReplicas <= d.Basis.Current.Replicas ? $", and {d.Basis.Overdue + d.Basis.Unschedulable} take more than twice the usual {Duration.FromSecondsRounded(d.Basis.StartUp.TotalSeconds)} to start" : "";

    private static string AndBatch(DecisionRecord d) =>
        d.Basis.Current.Batching.MaxSize != d.Proposed.Batching.MaxSize ? $"; batch limit from {d.Basis.Current.Batching.MaxSize} to {d.Proposed.Batching.MaxSize}" : "";

    private static string AndVariant(DecisionRecord d, VariantDecision variants) =>
        d.Rule == DecisionRule.Variant ? ""
        : variants.Why.Length > 0 ? $"; {variants.Why}"
        : d.Proposed.Choice.Burst is { } burst ? $"; {burst} answers meanwhile"
        : "";

    private static string Ceiling(DecisionRecord d) =>
        d.Guards.Contains(GuardRail.UpStep) ? $"; no more at once with {d.Basis.Ready} ready"
        : d.Guards.Contains(GuardRail.MaxReplicas) ? $"; maxReplicas {d.Basis.Scaling.MaxReplicas} holds it" : "";

    private static string Mode(DecisionRecord d) =>
        d.Basis.OtherWriter is { } writer ? (d.Proposed.Replicas != d.Applied.Replicas ? $" (not applied: {writer} writes the number of replicas)" : $"; {writer} writes the number of replicas")
        : d.Mode != ScalingMode.Auto && d.Proposed != d.Applied ? $" (not applied: mode {d.Mode})" : "";

    private static string Requests(int count) => count == 1 ? "1 request waits" : $"{count} requests wait";

    private static string Replicas(int count) => count == 1 ? "1 replica" : $"{count} replicas";
}
