namespace InferenceRuntime.Core.Batching;

/// <summary>
/// Estimates how long an execution of b rows takes from the recent ones: least squares for s(b) = a + m·b over exponentially
/// forgotten sums, with a and m kept from going negative.
/// </summary>
/// <remarks>For scheduling inside one engine only; what is exported are the unforgotten sums. Not thread safe.</remarks>
public sealed class ServiceTimeEstimate
{
    /// <summary>Weight that past executions keep with each new one: about the last 64 count.</summary>
    public const double Memory = 1 - (1.0 / 64);

    // A spread below this share of the mean size says nothing about the slope.
    private const double SpreadMin = 1e-3;

    private double _count;
    private double _rows;
    private double _rowsSquared;
    private double _duration;
    private double _rowsDuration;

    /// <summary>Adds one execution.</summary>
    /// <param name="rows">Rows in it, at least 1.</param>
    /// <param name="duration">Timestamps that it took, not negative.</param>
    public void Add(int rows, long duration)
    {
        double b = rows;
        double s = duration;
        _count = (_count * Memory) + 1;
        _rows = (_rows * Memory) + b;
        _rowsSquared = (_rowsSquared * Memory) + (b * b);
        _duration = (_duration * Memory) + s;
        _rowsDuration = (_rowsDuration * Memory) + (b * s);
    }

    /// <summary>Estimated timestamps for an execution of <paramref name="rows"/> rows; 0 before the first one was added.</summary>
    public long For(long rows)
    {
        if (_count == 0)
        {
            return 0;
        }

        var meanRows = _rows / _count;
        var meanDuration = _duration / _count;
        var variance = (_rowsSquared / _count) - (meanRows * meanRows);
        if (variance <= SpreadMin * meanRows * meanRows)
        {
            // Only one size seen: more rows are assumed to cost in proportion, fewer rows to cost the same.
            return (long)(meanDuration * Math.Max(1, rows / meanRows));
        }

        var slope = Math.Max(0, ((_rowsDuration / _count) - (meanRows * meanDuration)) / variance);
        slope = Math.Min(slope, meanDuration / meanRows);
        return (long)(meanDuration + (slope * (rows - meanRows)));
    }

    /// <summary>Timestamps a row has cost of late, in the mix of batch sizes of late; null before the first execution.</summary>
    public double? PerRow => _rows == 0 ? null : _duration / _rows;
}
