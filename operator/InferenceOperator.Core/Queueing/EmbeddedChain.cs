using System.Buffers;

namespace InferenceOperator.Core.Queueing;

/// <summary>The queue just after each completion of a batch server, as a Markov chain on 0 … n−1; what lies beyond counts as n−1.</summary>
/// <remarks>
/// From L units the next batch takes k = min(b, max(L, 1)), and L' = max(0, L − b) + N(s(k)): no step goes down by more than b or up by
/// more than the arrivals' tail. States are eliminated from the top, each one's way being handed to those below it (Grassmann, Taksar,
/// Heyman 1985: no subtraction, so nothing cancels): exact for the truncated chain, in n·b·(reach upwards) operations instead of n³, since the band does not
/// fill. No iteration, so no dependence on how slowly the chain mixes near saturation.
/// </remarks>
internal sealed class EmbeddedChain
{
    private readonly int _units;
    private readonly int _states;
    private readonly int _reach;
    private readonly int _stride;
    private readonly double[] _columns;

    /// <param name="arrivals">For a batch of k units at k: probabilities of what arrives meanwhile; the place 0 is not read.</param>
    /// <param name="states">n, above b.</param>
    public EmbeddedChain(double[][] arrivals, int states)
    {
        _units = arrivals.Length - 1;
        _states = states;
        _reach = Math.Max(arrivals.Max(a => a.Length), _units + 1);
        _stride = _reach + _units;
        _columns = ArrayPool<double>.Shared.Rent(states * _stride);
        double[] falling = [.. arrivals[_units].Reverse()];
        for (var to = 0; to < states; to++)
        {
            var (lowest, highest) = (LowestFrom(to), Math.Min(to + _units, states - 1));
            var full = Math.Clamp(_units, lowest, highest + 1);
            for (var from = lowest; from < full; from++)
            {
                var counts = arrivals[Math.Max(from, 1)];
                _columns[Place(from, to)] = to < counts.Length ? counts[to] : 0;
            }

            // From there on it is the full batch that runs, and each state more takes one arrival fewer.
            var column = _columns.AsSpan(Place(full, to), highest + 1 - full);
            var ahead = Math.Clamp(to - full + _units + 1 - falling.Length, 0, column.Length);
            column[..ahead].Clear();
            if (ahead < column.Length)
            {
                falling.AsSpan(falling.Length - 1 - (to - full + _units - ahead), column.Length - ahead).CopyTo(column[ahead..]);
            }
        }

        for (var from = LowestFrom(states - 1); from < states; from++)
        {
            var counts = arrivals[Math.Clamp(from, 1, _units)];
            var beyond = 0.0;
            for (var arrived = states - 1 - First(from); arrived < counts.Length; arrived++)
            {
                beyond += counts[arrived];
            }

            _columns[Place(from, states - 1)] = beyond;
        }
    }

    /// <summary>The stationary distribution. Call once: the chain is used up.</summary>
    public double[] Stationary()
    {
        for (var top = _states - 1; top > 0; top--)
        {
            Eliminate(top);
        }

        var stationary = new double[_states];
        var sum = stationary[0] = 1;
        for (var state = 1; state < _states; state++)
        {
            var from = LowestFrom(state);
            var flow = 0.0;
            foreach (var share in _columns.AsSpan(Place(from, state), state - from))
            {
                flow += stationary[from++] * share;
            }

            sum += stationary[state] = flow;
        }

        ArrayPool<double>.Shared.Return(_columns);
        Vectors.Scale(stationary, 1 / sum);
        return stationary;
    }

    /// <summary>Hands what leads to the top state on to where it goes down to.</summary>
    private void Eliminate(int top)
    {
        var (first, from) = (First(top), LowestFrom(top));
        var leaves = 0.0;
        for (var to = first; to < top; to++)
        {
            leaves += _columns[Place(top, to)];
        }

        var shares = _columns.AsSpan(Place(from, top), top - from);
        Vectors.Scale(shares, 1 / leaves);

        for (var to = first; to < top; to++)
        {
            Vectors.AddScaled(_columns.AsSpan(Place(from, to), shares.Length), _columns[Place(top, to)], shares);
        }
    }

    /// <summary>Lowest state that a queue leads to.</summary>
    private int First(int queue) => Math.Max(0, queue - _units);

    /// <summary>By where it leads: what leads to one state, from the lowest on, lies together.</summary>
    private int Place(int from, int to) => (to * _stride) + from - LowestFrom(to);

    /// <summary>Lowest state from which one step leads to a state.</summary>
    private int LowestFrom(int state) => state < _reach ? 0 : state - _reach + 1 + _units;
}
