using System.Collections.Immutable;
using System.Globalization;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Core.Control;

/// <summary>The conditions after a control step, without times.</summary>
internal static class ConditionPlanner
{
    /// <summary>Requests in the medium window from which it alone says whether the SLO is met; else the long window does.</summary>
    private const double RequestsForMedium = 50;

    public static ImmutableArray<StatusCondition> Plan(InferenceAgent agent, ControlStep step, WorkloadObservation workload, RolloutPlan? rollout)
    {
        var ready = workload.Replicas.Count(r => r.Phase == ReplicaPhase.Ready);
        return
        [
            Ready(agent.Spec.Scaling, step, workload, ready),
            SloMet(agent.Spec.Slo, step.Measurement),
            SloFeasible(step.Slo),
            Metrics(step.Measurement),
            Model(workload, ready),
            Capacity(step, workload),
            Scaling(agent.Spec.Scaling, workload),
            Reconciling(step, workload, ready, rollout),
            Stalled(workload, rollout),
        ];
    }

    public static StatusCondition Of(string type, bool? holds, string reason, string message) => new()
    {
        Type = type,
        Status = holds switch { true => ConditionState.True, false => ConditionState.False, null => ConditionState.Unknown },
        Reason = reason,
        Message = message,
    };

    private static StatusCondition Ready(ScalingSpec scaling, ControlStep step, WorkloadObservation workload, int ready)
    {
        if (ready > 0)
        {
            return Of(ConditionTypes.Ready, true, "Serving", $"{ready} of {step.Replicas} replicas answer requests");
        }

        if (step is { Replicas: 0, Decision: { Rule: DecisionRule.Scarcity, Basis.Cut: { } cut } })
        {
            return Of(ConditionTypes.Ready, false, nameof(DecisionRule.Scarcity), cut.ToString());
        }

        return step.Replicas == 0
            ? scaling.Replicas == 0
                ? Of(ConditionTypes.Ready, false, "ScaledToZero", "scaling.replicas is 0")
                : Of(ConditionTypes.Ready, true, "Asleep", "no replica runs because none was needed; the first request is held and starts one")
            : workload.ModelProblem is { } problem
                ? Of(ConditionTypes.Ready, false, "ModelRejected", problem)
                : Of(ConditionTypes.Ready, false, "NoReadyReplica", FirstMessage(workload) ?? $"none of {step.Replicas} replicas is ready yet");
    }

    private static StatusCondition SloMet(SloSpec? slo, Measurement measurement)
    {
        const string type = ConditionTypes.SloMet;
        if (slo is null)
        {
            return Of(type, null, "NoSLO", "no SLO is declared");
        }

        switch (measurement)
        {
            case Measurement.Idle:
                return Of(type, null, "Idle", "no request came");
            case Measurement.Measured { Traffic: var traffic }:
                var rates = traffic.Medium.SloRequests >= RequestsForMedium ? traffic.Medium : traffic.Long;
                if (rates.Attainment is not { } attainment)
                {
                    return Of(type, null, "NoRequestCounted", "no request was counted against the SLO yet");
                }

                var holds = attainment >= slo.Latency.Share;
                var message = string.Create(CultureInfo.InvariantCulture, $"{attainment * 100:0.##} % of the requests were answered within {slo.Latency.Target}, {slo.Latency.Percentile} % are asked for");
                return Of(type, holds, holds ? "Held" : "Missed", message);
            default:
                return Of(type, null, "MetricsUnknown", "traffic is not known");
        }
    }

    private static StatusCondition SloFeasible(SloVerdict verdict) => verdict switch
    {
        SloVerdict.NotDeclared => Of(ConditionTypes.SloFeasible, null, "NoSLO", "no SLO is declared"),
        SloVerdict.NotKnown => Of(ConditionTypes.SloFeasible, null, "ServiceTimeUnknown", "no execution was measured yet"),
        SloVerdict.Feasible => Of(ConditionTypes.SloFeasible, true, "Feasible", "two executions of a single row fit the SLO"),
        SloVerdict.Infeasible infeasible => Of(ConditionTypes.SloFeasible, false, "ModelTooSlow", infeasible.Detail),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static StatusCondition Metrics(Measurement measurement) => measurement switch
    {
        Measurement.Measured => Of(ConditionTypes.MetricsAvailable, true, "Measured", "every ready replica is measured"),
        Measurement.Idle => Of(ConditionTypes.MetricsAvailable, true, "Idle", "every ready replica is measured and idle"),
        Measurement.Unknown { Reason: UnknownReason.NoReadyReplica } u => Of(ConditionTypes.MetricsAvailable, null, nameof(UnknownReason.NoReadyReplica), u.Detail),
        Measurement.Unknown u => Of(ConditionTypes.MetricsAvailable, false, u.Reason.ToString(), u.Detail),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static StatusCondition Model(WorkloadObservation workload, int ready) =>
        workload.ModelProblem is { } problem ? Of(ConditionTypes.ModelAccepted, false, "ModelRejected", problem)
        : ready > 0 ? Of(ConditionTypes.ModelAccepted, true, "Loaded", "the model is loaded")
        : Of(ConditionTypes.ModelAccepted, null, "NotLoadedYet", "no replica has loaded the model yet");

    private static StatusCondition Capacity(ControlStep step, WorkloadObservation workload)
    {
        if (step.Decision is { Rule: DecisionRule.Scarcity, Basis.Cut: { } cut })
        {
            return Of(ConditionTypes.CapacityAvailable, false, nameof(DecisionRule.Scarcity), cut.ToString());
        }

        var without = workload.Replicas.Where(r => r.Phase == ReplicaPhase.Unschedulable).ToList();
        return without.Count == 0
            ? Of(ConditionTypes.CapacityAvailable, true, "Available", $"every replica found a place{(workload.CapacityUnknown is { } reason ? $"; {reason}" : "")}")
            : Of(ConditionTypes.CapacityAvailable, false, "Unschedulable", $"{without.Count} replicas find no place: {without[0].Message}");
    }

    private static StatusCondition Scaling(ScalingSpec scaling, WorkloadObservation workload)
    {
        const string type = ConditionTypes.ScalingAsDeclared;
        if (workload.OtherWriter is { } writer)
        {
            return Of(type, false, "OtherWriter", $"{writer} writes the number of replicas too: decisions on it are only recommended until that is gone or points at the InferenceAgent; batch limits are moved");
        }

        if (scaling.MayScaleToZero && workload is { Endpoint: null, WantedReplicas: not null })
        {
            return Of(type, false, "NothingHoldsRequests", "scaling.minReplicas is 0, but nothing in front of the replicas can hold requests until one has started: the last replica stays");
        }

        return workload.WritersUnknown is { } unknown
            ? Of(type, null, "WritersUnknown", $"it cannot be told who else writes the number of replicas: {unknown}")
            : Of(type, true, "AsDeclared", "nobody else is known to write the number of replicas");
    }

    private static StatusCondition Reconciling(ControlStep step, WorkloadObservation workload, int ready, RolloutPlan? rollout)
    {
        if (rollout is { State: not RolloutState.Stable })
        {
            return Of(ConditionTypes.Reconciling, !rollout.NeedsPerson, "RollingOut", rollout.Reason);
        }

        var draining = workload.Replicas.Count(r => r.Phase == ReplicaPhase.Draining);
        var works = ready != step.Replicas || draining > 0;
        return works
            ? Of(ConditionTypes.Reconciling, true, "Progressing", $"{ready} of {step.Replicas} replicas are ready{(draining > 0 ? $", {draining} are draining" : "")}")
            : Of(ConditionTypes.Reconciling, false, "Settled", "what runs is what is wanted");
    }

    private static StatusCondition Stalled(WorkloadObservation workload, RolloutPlan? rollout) =>
        workload.ModelProblem is { } model ? Of(ConditionTypes.Stalled, true, "ModelRejected", model)
        : workload.ApplyProblem is { } apply ? Of(ConditionTypes.Stalled, true, "ApplyFailed", apply)
        : rollout is { NeedsPerson: true } ? Of(ConditionTypes.Stalled, true, rollout.State is RolloutState.Stable ? "RolledBack" : "RolloutInconclusive", rollout.Reason)
        : Of(ConditionTypes.Stalled, false, "Progressing", "nothing is in the way");

    private static string? FirstMessage(WorkloadObservation workload) =>
        workload.Replicas.Select(r => r.Message).FirstOrDefault(m => m.Length > 0);
}
