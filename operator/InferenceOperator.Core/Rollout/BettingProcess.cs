using System.Collections.Immutable;

namespace InferenceOperator.Core.Rollout;

/// <summary>
/// The wealth of a gambler who bets, block after block, that something is more than it may be: a non-negative supermartingale
/// while it is not, so that by Ville's inequality the chance that the wealth ever reaches 1/α, at whatever time anybody looks, is at most α.
/// </summary>
/// <remarks>
/// Bets of Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting" (JRSS B 86, 2024), on x / bound, mixed over
/// fixed stakes. Immutable. To go on from the logarithm alone, with the wealth divided among the stakes anew, is a bet as fair as any other.
/// </remarks>
public sealed record BettingProcess
{
    /// <summary>Shares of the wealth that are staked; each gambler keeps to one.</summary>
    private static readonly ImmutableArray<double> Stakes = [0.1, 0.25, 0.5, 0.9];

    // Far beyond any threshold, so that sums of exponentials stay finite.
    private const double LogMax = 60;

    private readonly ImmutableArray<double> _logs;

    private BettingProcess(ImmutableArray<double> logs) => _logs = logs;

    /// <summary>Nothing was bet yet: a wealth of 1.</summary>
    public static BettingProcess Start { get; } = From(0);

    /// <summary>Natural logarithm of the wealth.</summary>
    public double Log
    {
        get
        {
            var most = _logs.Max();
            return most + Math.Log(_logs.Sum(log => Math.Exp(log - most)) / _logs.Length);
        }
    }

    /// <summary>Goes on from a wealth, given by its natural logarithm.</summary>
    public static BettingProcess From(double log) => new([.. Stakes.Select(_ => Math.Clamp(log, -LogMax, LogMax))]);

    /// <summary>The wealth after one more block.</summary>
    /// <param name="value">What was seen, at least 0.</param>
    /// <param name="bound">What its mean is at most, unless the gambler is right; above 0.</param>
    public BettingProcess After(double value, double bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var odds = (value / bound) - 1;
        return new([.. _logs.Zip(Stakes, (log, stake) => Math.Clamp(log + Math.Log(1 + (stake * odds)), -LogMax, LogMax))]);
    }

    /// <inheritdoc/>
    public bool Equals(BettingProcess? other) => other is not null && _logs.SequenceEqual(other._logs);

    /// <inheritdoc/>
    public override int GetHashCode() => _logs[0].GetHashCode();
}
