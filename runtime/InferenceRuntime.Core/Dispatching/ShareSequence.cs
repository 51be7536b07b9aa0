namespace InferenceRuntime.Core.Dispatching;

/// <summary>
/// Deals turns to takers so that each has its share at every moment: after any number n of turns a taker with share s has had s·n
/// of them to within 1 − 1/(2k − 2), where k takers have a share above zero (one half for two of them). Over any window of turns
/// the error is at most twice that: within 1 for two takers, below 2 for more. Deterministic; not thread safe.
/// </summary>
/// <remarks>
/// Each turn goes to the taker that must have one soonest among those that may have one already. Source: R. Tijdeman, "The chairman
/// assignment problem", Discrete Mathematics 32 (1980). Cost: O(takers) a turn, nothing allocated.
/// </remarks>
public sealed class ShareSequence
{
    private readonly double[] _shares;
    private readonly long[] _turns;
    private readonly double _lead;
    private long _dealt;

    /// <param name="shares">At least one; none negative or infinite; their sum is above zero. Only their ratios matter.</param>
    /// <exception cref="ArgumentException">The shares break one of these rules.</exception>
    public ShareSequence(ReadOnlySpan<double> shares)
    {
        var sum = 0d;
        var takers = 0;
        foreach (var share in shares)
        {
            if (!double.IsFinite(share) || share < 0)
            {
                throw new ArgumentException("A share is negative or not a number.", nameof(shares));
            }

            sum += share;
            takers += share > 0 ? 1 : 0;
        }

        if (!(sum > 0) || !double.IsFinite(sum))
        {
            throw new ArgumentException("The shares add up to nothing.", nameof(shares));
        }

        _shares = new double[shares.Length];
        _turns = new long[shares.Length];
        for (var i = 0; i < shares.Length; i++)
        {
            _shares[i] = shares[i] / sum;
        }

        _lead = takers > 1 ? 1d / ((2 * takers) - 2) : 0;
    }

    /// <summary>Whose turn it is, an index into the shares; never one with share zero.</summary>
    public int Next()
    {
        _dealt++;
        var chosen = -1;
        var soonest = double.PositiveInfinity;
        var owedMost = double.NegativeInfinity;
        for (var i = 0; i < _shares.Length; i++)
        {
            if (_shares[i] == 0)
            {
                continue;
            }

            // Rounding may leave nobody who may have a turn yet: then it goes to whom most is owed.
            var owed = (_shares[i] * _dealt) - _turns[i];
            var due = owed >= _lead ? (1 - _lead - owed) / _shares[i] : double.PositiveInfinity;
            if (due < soonest || (double.IsPositiveInfinity(soonest) && owed > owedMost))
            {
                chosen = i;
                soonest = due;
            }

            owedMost = Math.Max(owedMost, owed);
        }

        _turns[chosen]++;
        return chosen;
    }
}
