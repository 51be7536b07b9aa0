namespace InferenceOperator.Core.Queueing;

/// <summary>A distribution of latency whose density is kept as a polygon on equal bins from 0 to a longest value.</summary>
/// <remarks>
/// What is added changes the slope of the distribution function at some points; each is shared between its two neighbours on the
/// grid, which keeps mass and mean exact. Not thread safe.
/// </remarks>
internal sealed class LatencyDistribution(double longestSeconds)
{
    private const int Bins = 4096;

    private readonly double[] _slopeChanges = new double[Bins + 2];
    private readonly double _binsPerSecond = Bins / longestSeconds;
    private double[]? _cumulative;

    /// <summary>Adds a weight spread evenly between two latencies.</summary>
    public void Add(double from, double to, double weight)
    {
        // Narrower than a bin is as good as a bin.
        var narrow = (1 / _binsPerSecond) - (to - from);
        if (narrow > 0)
        {
            (from, to) = (from - (narrow / 2), to + (narrow / 2));
        }

        var density = weight / ((to - from) * _binsPerSecond);
        Change(from, density);
        Change(to, -density);
    }

    /// <summary>Adds a weight at <paramref name="seconds"/>, spread by a polygon (see <see cref="BatchService.Spread"/>) that is as wide as <paramref name="width"/>.</summary>
    public void Add(double seconds, double width, IReadOnlyList<(double Offset, double Density)> spread, double weight)
    {
        if (width * _binsPerSecond < 1)
        {
            Add(seconds, seconds, weight);
            return;
        }

        var density = weight / (width * _binsPerSecond);
        for (var i = 0; i < spread.Count; i++)
        {
            Change(seconds + (spread[i].Offset * width), density * spread[i].Density);
        }
    }

    /// <summary>Share of latencies up to a value.</summary>
    public double ShareWithin(double seconds)
    {
        var cumulative = Cumulative();
        var at = Math.Clamp(seconds * _binsPerSecond, 0, Bins);
        var below = Math.Min((int)at, Bins - 1);
        return (cumulative[below] + ((at - below) * (cumulative[below + 1] - cumulative[below]))) / cumulative[Bins];
    }

    /// <summary>The value that the share of latencies does not exceed, seconds.</summary>
    public double Quantile(double share)
    {
        var cumulative = Cumulative();
        var wanted = share * cumulative[Bins];
        int low = 0, high = Bins;
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = cumulative[middle] < wanted ? (middle, high) : (low, middle);
        }

        var step = cumulative[high] - cumulative[low];
        return (low + (step > 0 ? Math.Clamp((wanted - cumulative[low]) / step, 0, 1) : 1)) / _binsPerSecond;
    }

    private void Change(double seconds, double slope)
    {
        var at = Math.Clamp(seconds * _binsPerSecond, 0, Bins);
        var below = (int)at;
        var above = (at - below) * slope;
        _slopeChanges[below] += slope - above;
        _slopeChanges[below + 1] += above;
        _cumulative = null;
    }

    private double[] Cumulative()
    {
        if (_cumulative is { } known)
        {
            return known;
        }

        var cumulative = new double[Bins + 1];
        var slope = 0.0;
        for (var i = 0; i < Bins; i++)
        {
            slope += _slopeChanges[i];
            cumulative[i + 1] = cumulative[i] + Math.Max(0, slope);
        }

        return _cumulative = cumulative;
    }
}
