using System.Collections.Immutable;

namespace InferenceOperator.Core.Rollout;

/// <summary>
/// The wealth of a gambler who bets, block after block, that something is more than it may be: a non-negative supermartingale
/// while it is not, so that by Ville's inequality the chance that the wealth ever reaches 1/α, at whatever time anybody looks, is at most α.
/// </summary>
/// <remarks>
/// Bets of Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting" (JRSS B 86, 2024), on x / bound, mixed over
/// stakes; some of the wealth moves between the stakes after each bet, so that what turns bad late is found as well. Immutable. To go on
/// from the logarithm alone, with the wealth divided among the stakes anew, is a bet as fair as any other.
/// </remarks>
public sealed record BettingProcess
{
    /// <summary>Shares of the wealth that are staked; what is kept back is there to begin anew with.</summary>
    private static readonly ImmutableArray<double> Stakes = [0, 0.1, 0.25, 0.5, 0.9];

    /// <summary>Share of the wealth that is divided anew after each bet.</summary>
    private const double Moved = 0.02;

    // Far beyond any threshold, so that what is written down stays short.
    private const double LogMax = 60;

    // Of the wealth, by stake; they add up to 1.
    private readonly ImmutableArray<double> _parts;

    private BettingProcess(double log, ImmutableArray<double> parts) => (Log, _parts) = (Math.Clamp(log, -LogMax, LogMax), parts);

    /// <summary>Nothing was bet yet: a wealth of 1.</summary>
    public static BettingProcess Start { get; } = From(0);

    /// <summary>Natural logarithm of the wealth.</summary>
    public double Log { get; }

    /// <summary>Goes on from a wealth, given by its natural logarithm.</summary>
    public static BettingProcess From(double log) => new(log, [.. Stakes.Select(static _ => 1.0 / Stakes.Length)]);

    /// <summary>The wealth after one more block.</summary>
    /// <param name="value">What was seen, at least 0.</param>
    /// <param name="bound">What its mean is at most, unless the gambler is right; above 0.</param>
    public BettingProcess After(double value, double bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var odds = (value / bound) - 1;
        var factor = 0.0;
        for (var i = 0; i < _parts.Length; i++)
        {
            factor += _parts[i] * (1 + (Stakes[i] * odds));
        }

        var parts = ImmutableArray.CreateBuilder<double>(_parts.Length);
        for (var i = 0; i < _parts.Length; i++)
        {
            parts.Add(((1 - Moved) * _parts[i] * (1 + (Stakes[i] * odds)) / factor) + (Moved / _parts.Length));
        }

        return new(Log + Math.Log(factor), parts.MoveToImmutable());
    }

    /// <inheritdoc/>
    public bool Equals(BettingProcess? other) => other is not null && Log.Equals(other.Log) && _parts.SequenceEqual(other._parts);

    /// <inheritdoc/>
    public override int GetHashCode() => Log.GetHashCode();
}
