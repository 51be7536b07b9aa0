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
    private readonly int _width;
    private readonly double[] _band;

    /// <param name="arrivals">For a batch of k units at k: probabilities of what arrives meanwhile; the place 0 is not read.</param>
    /// <param name="states">n, above b.</param>
    public EmbeddedChain(double[][] arrivals, int states)
    {
        _units = arrivals.Length - 1;
        _states = states;
        _width = Math.Max(arrivals.Max(a => a.Length), _units + 1);
        _band = new double[states * _width];
        for (var queue = 0; queue < states; queue++)
        {
            var counts = arrivals[Math.Clamp(queue, 1, _units)].AsSpan();
            var fits = Math.Min(counts.Length, states - First(queue));
            var row = _band.AsSpan(queue * _width, _width);
            counts[..fits].CopyTo(row);
            foreach (var beyond in counts[fits..])
            {
                row[fits - 1] += beyond;
            }
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
            var flow = 0.0;
            for (var from = LowestFrom(state); from < state; from++)
            {
                flow += stationary[from] * _band[Place(from, state)];
            }

            sum += stationary[state] = flow;
        }

        Vectors.Scale(stationary, 1 / sum);
        return stationary;
    }

    /// <summary>Hands what leads to the top state on to where it goes down to.</summary>
    private void Eliminate(int top)
    {
        var first = First(top);
        var down = _band.AsSpan(top * _width, top - first);
        var leaves = 0.0;
        foreach (var p in down)
        {
            leaves += p;
        }

        for (var from = LowestFrom(top); from < top; from++)
        {
            var place = Place(from, top);
            var share = _band[place] / leaves;
            _band[place] = share;
            if (share > 1e-18)
            {
                Vectors.AddScaled(_band.AsSpan(place - down.Length, down.Length), share, down);
            }
        }
    }

    /// <summary>Lowest state that a queue leads to.</summary>
    private int First(int queue) => Math.Max(0, queue - _units);

    private int Place(int from, int to) => (from * _width) + to - First(from);

    /// <summary>Lowest state from which one step leads to a state.</summary>
    private int LowestFrom(int state) => state < _width ? 0 : state - _width + 1 + _units;
}
