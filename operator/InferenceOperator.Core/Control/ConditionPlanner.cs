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
            Replicas(agent.Spec.Gpu, workload),
            Scaling(agent.Spec.Scaling, workload),
            Reconciling(agent, step, workload, ready, rollout),
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
            var failing = FirstFault(workload) is { } fault ? $"; {fault.Name}: {fault.Message}" : "";
            return Of(ConditionTypes.Ready, true, "Serving", $"{ready} of {step.Replicas} replicas answer requests{failing}");
        }

        if (step is { Replicas: 0, Decision: { Rule: DecisionRule.Scarcity, Basis.Cut: { } cut } })
        {
            return Of(ConditionTypes.Ready, false, nameof(DecisionRule.Scarcity), cut.ToString());
        }

        return step.Replicas == 0
            ? scaling.Replicas == 0
                ? Of(ConditionTypes.Ready, true, "ScaledToZero", "no replica runs because scaling.replicas is 0: requests are not answered, as declared")
                : Of(ConditionTypes.Ready, true, "Asleep", "no replica runs because none was needed; the first request is held and starts one")
            : workload.ModelProblem is { } problem
                ? Of(ConditionTypes.Ready, false, "ModelRejected", problem)
                : Of(ConditionTypes.Ready, false, FirstFault(workload)?.Fault.ToString() ?? "NoReadyReplica", FirstMessage(workload) ?? $"none of {step.Replicas} replicas is ready yet");
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
            : Of(
                ConditionTypes.CapacityAvailable,
                false,
                workload.Lack?.Kind.ToString() ?? "Unschedulable",
                $"{Replicas(without.Count)} no place: {(workload.Lack is { } lack ? $"{lack.Detail}; " : "")}{without[0].Message}");
    }

    private static StatusCondition Replicas(GpuSpec gpu, WorkloadObservation workload)
    {
        const string type = ConditionTypes.ReplicasAsDeclared;
        if (FirstFault(workload) is { } fault)
        {
            var count = workload.Replicas.Count(static r => r.Fault is not ReplicaFault.None);
            return Of(type, false, fault.Fault.ToString(), $"{count} of {workload.Replicas.Length} replicas fail; {fault.Name}: {fault.Message}");
        }

        if (gpu.Count > 0 && workload.Placement?.Provider == ModelPlacement.CpuProvider)
        {
            return Of(type, false, "AcceleratorUnused", $"each replica holds {gpu.Count} {gpu.Resource}, but its model runs on the CPU: give it an image with a provider for that device, or set gpu.count to 0");
        }

        return workload.Replicas.IsEmpty ? Of(type, null, "NoReplica", "no replica runs") : Of(type, true, "Healthy", "no replica fails");
    }

    private static string Replicas(int count) => count == 1 ? "1 replica finds" : $"{count} replicas find";

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

    /// <summary>Work towards the spec. Replicas that the operator adds to or takes from what the spec asks for at least are none: a tool that waits for a rollout would never see its end.</summary>
    private static StatusCondition Reconciling(InferenceAgent agent, ControlStep step, WorkloadObservation workload, int ready, RolloutPlan? plan)
    {
        const string type = ConditionTypes.Reconciling;
        if (Problem(workload, plan) is { } problem)
        {
            return Of(type, false, problem.Reason, "waits for what is in the way");
        }

        if (workload.ApplyDelay is { } delay)
        {
            return Of(type, true, "ApplyRetried", $"what is wanted could not be applied yet and is tried again: {delay}");
        }

        if (workload.Generation is { } generation && generation < agent.Metadata.Generation)
        {
            return Of(type, true, "Applying", $"what runs follows generation {generation}, not yet {agent.Metadata.Generation}");
        }

        if (plan is { State: not RolloutState.Stable })
        {
            return Of(type, true, "RollingOut", plan.Reason);
        }

        if (workload.Rollout is { } rollout)
        {
            var how = rollout.IsInPlace ? "; each goes before its successor comes, because there is no room for one more" : "";
            return Of(type, true, "RollingOut", $"{rollout.Updated} of {rollout.Total} replicas are as declared now{how}");
        }

        var scaling = agent.Spec.Scaling;
        if (ready < Math.Min(scaling.Replicas ?? Math.Max(1, scaling.MinReplicas), step.Replicas) || (scaling.Replicas is not null && ready > step.Replicas))
        {
            return Of(type, true, "Progressing", $"{ready} of {step.Replicas} replicas are ready");
        }

        return Of(type, false, "Settled", ready == step.Replicas ? "what runs is what is wanted" : $"what is declared runs; {ready} of the {step.Replicas} replicas that the load asks for are ready");
    }

    private static StatusCondition Stalled(WorkloadObservation workload, RolloutPlan? plan) => Problem(workload, plan) is { } problem
        ? Of(ConditionTypes.Stalled, true, problem.Reason, problem.Message)
        : Of(ConditionTypes.Stalled, false, "Progressing", "nothing is in the way");

    /// <summary>What only a change from outside can mend; null: nothing.</summary>
    private static (string Reason, string Message)? Problem(WorkloadObservation workload, RolloutPlan? plan) =>
        workload.ModelProblem is { } model ? ("ModelRejected", model)
        : workload.ApplyProblem is { } apply ? ("ApplyFailed", apply)
        : plan is { NeedsPerson: true } ? (plan.State is RolloutState.Stable ? "RolledBack" : "RolloutInconclusive", plan.Reason)
        : null;

    private static ReplicaObservation? FirstFault(WorkloadObservation workload) => workload.Replicas.FirstOrDefault(static r => r.Fault is not ReplicaFault.None);

    private static string? FirstMessage(WorkloadObservation workload) =>
        (FirstFault(workload)?.Message is { Length: > 0 } fault ? fault : null) ?? workload.Replicas.Select(r => r.Message).FirstOrDefault(m => m.Length > 0);
}
