namespace InferenceOperator.Core.Rollout;

/// <summary>What both measures' bets rest on.</summary>
/// <param name="Latency">Of requests that missed the SLO's target.</param>
/// <param name="Errors">Of requests that were refused or failed.</param>
public readonly record struct RolloutReach(BlockReach Latency, BlockReach Errors)
{
    /// <summary>Nothing was watched.</summary>
    public static RolloutReach Unseen { get; } = new(new(ReplicaVariation.LatencyBlocksUnseen, 1), BlockReach.Shortest);
}
