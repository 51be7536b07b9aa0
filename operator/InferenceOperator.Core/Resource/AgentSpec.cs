using System.Text.Json.Nodes;

namespace InferenceOperator.Core.Resource;

/// <summary>What the user declares.</summary>
public sealed record AgentSpec
{
    public required ModelSpec Model { get; init; }

    /// <summary>Other models for the same task, at most 15, resident beside it; null: none. Not to be changed in place.</summary>
    public IReadOnlyList<VariantSpec>? Variants { get; init; }

    public StoreSpec Store { get; init; } = new();

    public QuantizationSpec Quantization { get; init; } = new();

    public GpuSpec Gpu { get; init; } = new();

    public ParallelismSpec Parallelism { get; init; } = new();

    /// <summary>Null: no objective; the operator then keeps utilisation at 70 %.</summary>
    public SloSpec? Slo { get; init; }

    public ScalingSpec Scaling { get; init; } = new();

    public BatchingSpec Batching { get; init; } = new();

    public ServingSpec Serving { get; init; } = new();

    public RolloutSpec Rollout { get; init; } = new();

    public ChildrenSpec Children { get; init; } = new();

    /// <summary>
    /// Merged into the pod. The fields of <see cref="PodTemplate.ContainerFields"/> go to the runtime's container, all
    /// others to the pod's spec. Null: nothing to merge. Not to be changed in place.
    /// </summary>
    public JsonObject? Template { get; init; }
}
