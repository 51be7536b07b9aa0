using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>Where a new controller begins: what runs, else what the status says, else what the manifest asks for, one replica at least: that it is not needed has yet to be proven.</summary>
internal static class Origin
{
    public static Target Of(ControlInput input, ServiceTimeFit fit)
    {
        var (spec, status) = (input.Agent.Spec, input.Agent.Status);
        if (status?.Model is { } known)
        {
            fit.Restore(known);
        }

        var ready = input.Workload.Replicas.Length;
        var replicas = input.Workload.WantedReplicas
            ?? (ready > 0 ? ready : status is { Replicas: > 0 } ? status.Replicas : spec.Scaling.Replicas ?? Math.Max(1, spec.Scaling.MinReplicas));
        return new Target(replicas, Limits(spec, status));
    }

    private static BatchLimits Limits(AgentSpec spec, AgentStatus? status)
    {
        if (status?.Batching is { MaxSize: >= 1 } kept)
        {
            return new(Math.Min(kept.MaxSize, spec.Batching.MaxSize), kept.MaxDelay < spec.Batching.MaxDelay ? kept.MaxDelay : spec.Batching.MaxDelay);
        }

        // Where nobody will tune the limit it is what the manifest allows.
        return spec.Slo is null || spec.Scaling.Mode != ScalingMode.Auto
            ? new(spec.Batching.MaxSize, spec.Batching.MaxDelay)
            : new(BatchPlanner.Start, default);
    }
}
