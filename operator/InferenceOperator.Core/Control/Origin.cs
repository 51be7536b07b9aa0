using InferenceOperator.Core.Control.Learned;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>Where a new controller begins: what runs, else what the status says, else what the manifest asks for, one replica at least: that it is not needed has yet to be proven.</summary>
internal static class Origin
{
    /// <param name="input">The first input.</param>
    /// <param name="learned">What was kept of the controller before; null: nothing.</param>
    /// <param name="fit">Goes on from what the status says of the model, else from what was kept of the same model.</param>
    /// <param name="variants">Go on from what it says of them; they have taken those that may be chosen.</param>
    public static Target Of(ControlInput input, LearnedState? learned, ServiceTimeFit fit, VariantFits variants)
    {
        var (spec, status) = (input.Agent.Spec, input.Agent.Status);
        var same = learned is not null && learned.Model == spec.Model.Uri ? learned : null;
        if ((status?.Model ?? same?.Fit) is { } known)
        {
            fit.Restore(known);
        }

        foreach (var variant in status is { Variants.IsEmpty: false } ? status.Variants : same?.Variants ?? [])
        {
            variants.Of(variant.Name)?.Restore(variant.Model);
        }

        var ready = input.Workload.Replicas.Length;
        var replicas = input.Workload.WantedReplicas
            ?? (ready > 0 ? ready : status is { Replicas: > 0 } ? status.Replicas : spec.Scaling.Replicas ?? Math.Max(1, spec.Scaling.MinReplicas));
        return new Target(replicas, Limits(spec, status)) { Variants = Choice(status, variants) };
    }

    /// <summary>Whoever answered, while the manifest still lets it.</summary>
    private static VariantChoice? Choice(AgentStatus? status, VariantFits variants)
    {
        if (status?.Serving is not { } serving)
        {
            return null;
        }

        var choice = new VariantChoice(
            variants.Of(serving.Variant) is null ? VariantShares.Full : serving.Variant,
            serving.Burst is { } burst && variants.Of(burst) is not null ? burst : null);
        return choice == VariantChoice.Full ? null : choice;
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
