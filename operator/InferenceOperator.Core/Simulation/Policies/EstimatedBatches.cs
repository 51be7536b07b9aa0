using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>
/// Clipper's rule as shipped (<c>containers.cpp</c>): with 92 % of the time that the oldest request has left, explore larger batches while none
/// took that long, else take what a ridge regression of rows on mean latency + 3 pooled standard deviations says. Requests past their
/// objective are dropped.
/// </summary>
/// <remarks>Begun in overload it never leaves batches of one: no request has the time left that exploring takes.</remarks>
public sealed class EstimatedBatches : IBatchRule
{
    private const double BudgetShare = 0.92;
    private const int SamplesBeforeGrowth = 5;
    private const int SmallBatches = 10;
    private const double Ridge = 1e-9;
    private const double Deviations = 3;

    private readonly (int Count, double Mean, double Squares)[] _bySize;
    private readonly double _sloSeconds;
    private readonly int _rowsMax;
    private Draws _draws;
    private double _slowest;
    private int _largest = 1;

    /// <param name="sloSeconds">The latency objective.</param>
    /// <param name="rowsMax">Most rows that an execution may have.</param>
    /// <param name="seed">Of the exploration.</param>
    /// <param name="profile">Mean seconds by rows as an earlier process found them, as many samples each as exploring asks for; null: nothing is known.</param>
    public EstimatedBatches(double sloSeconds, int rowsMax, ulong seed, Func<int, double>? profile = null)
    {
        (_sloSeconds, _rowsMax, _draws) = (sloSeconds, rowsMax, new(seed, DrawPurpose.BatchRule));
        _bySize = new (int, double, double)[rowsMax + 1];
        for (var rows = 1; profile is not null && rows <= rowsMax; rows++)
        {
            for (var sample = 0; sample < SamplesBeforeGrowth; sample++)
            {
                Completed(rows, profile(rows));
            }
        }
    }

    public double ExpiresAfterSeconds => _sloSeconds;

    public int Limit(double headAgeSeconds)
    {
        var budget = BudgetShare * (_sloSeconds - headAgeSeconds);
        return budget <= 0 ? 1 : budget > _slowest ? Explore() : Estimate(budget);
    }

    public void Completed(int rows, double seconds)
    {
        var size = Math.Min(rows, _rowsMax);
        var (count, mean, squares) = _bySize[size];
        var next = mean + ((seconds - mean) / (count + 1));
        _bySize[size] = (count + 1, next, squares + ((seconds - mean) * (seconds - next)));
        _slowest = Math.Max(_slowest, seconds);
        _largest = Math.Max(_largest, size);
    }

    private int Explore()
    {
        if (_bySize[_largest].Count < SamplesBeforeGrowth)
        {
            return _largest;
        }

        var larger = _largest < SmallBatches ? _largest + 1 : (int)Math.Ceiling(_largest * (1 + Math.Max(0, 0.1 + (0.05 * _draws.NextNormal()))));
        return Math.Min(_rowsMax, larger);
    }

    private int Estimate(double budget)
    {
        double squares = 0, freedom = 0, n = 0, x = 0, y = 0, xx = 0, xy = 0;
        foreach (var (count, _, spread) in _bySize)
        {
            squares += spread;
            freedom += Math.Max(0, count - 1);
        }

        var margin = Deviations * Math.Sqrt(freedom > 0 ? squares / freedom : 0);
        for (var size = 1; size <= _rowsMax; size++)
        {
            if (_bySize[size].Count > 0)
            {
                var seconds = _bySize[size].Mean + margin;
                (n, x, y, xx, xy) = (n + 1, x + seconds, y + size, xx + (seconds * seconds), xy + (seconds * size));
            }
        }

        var slope = ((n * xy) - (x * y)) / ((n * xx) - (x * x) + Ridge);
        var rows = ((y - (slope * x)) / n) + (slope * budget);
        return (int)Math.Clamp(Math.Floor(rows), 1, _rowsMax);
    }
}
