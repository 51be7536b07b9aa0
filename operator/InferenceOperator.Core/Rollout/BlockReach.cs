namespace InferenceOperator.Core.Rollout;

/// <summary>What the replicas of one revision, which are equal, show of how long chance holds on to one of them.</summary>
/// <param name="Blocks">Blocks of time that make one bet: what disturbs a replica in one bet is forgotten in the bet after the next. A power of two up to <see cref="Most"/>.</param>
/// <param name="Spread">How many times as often as on all of them requests are bad on the worst replica, in the long run; at least 1.</param>
public readonly record struct BlockReach(int Blocks, double Spread)
{
    /// <summary>Most blocks in one bet, so that a comparison of an hour has bets enough to end with.</summary>
    public const int Most = 8;

    /// <summary>Each block is a bet.</summary>
    public static BlockReach Shortest { get; } = new(1, 1);
}
