using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning;

/// <summary>What changes on a running replica without a restart. Always whole: what the plan does not move is what the manifest declares.</summary>
/// <param name="Batching">Batch limits.</param>
/// <param name="SloTarget">Latency that attainment is counted against; null: none.</param>
/// <param name="Cache">The cache of responses.</param>
/// <param name="Queue">What may wait.</param>
/// <param name="Padding">Lengths that inputs are padded to; null: none are.</param>
/// <param name="Shares">How requests are divided among the variants; null: the model itself answers everything.</param>
public sealed record ReplicaSettings(
    BatchLimits Batching, Duration? SloTarget, CacheSpec Cache, QueueSpec Queue, LengthPadding? Padding, VariantShares? Shares)
{
    /// <summary>The settings that a manifest declares, with the batch limits that the plan sets and whom it lets answer.</summary>
    public static ReplicaSettings For(AgentSpec spec, BatchLimits batching, VariantChoice? choice = null) => new(
        batching, spec.Slo?.Latency.Target, spec.Serving.Cache, spec.Batching.Queue, spec.Batching.Padding,
        VariantShares.Of(spec.Variants ?? [], (choice ?? VariantChoice.Full).Answers));
}
