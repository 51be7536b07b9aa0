namespace InferenceRuntime.Core.Batching;

/// <summary>Recent execution times: of each shape by itself, and of all together for shapes that have not run yet. Not thread safe.</summary>
internal sealed class ServiceTimes
{
    // Beyond it all shapes are forgotten and measured anew.
    private const int ShapesMax = 256;

    private readonly Dictionary<ShapeKey, ServiceTimeEstimate> _byShape = [];
    private readonly ServiceTimeEstimate _all = new();

    /// <inheritdoc cref="ServiceTimeEstimate.PerRow"/>
    public double? PerRow => _all.PerRow;

    /// <summary>Adds one execution of <paramref name="rows"/> rows that took <paramref name="duration"/> timestamps.</summary>
    public void Add(ShapeKey shape, int rows, long duration)
    {
        _all.Add(rows, duration);
        if (!_byShape.TryGetValue(shape, out var estimate))
        {
            if (_byShape.Count == ShapesMax)
            {
                _byShape.Clear();
            }

            estimate = new ServiceTimeEstimate();
            _byShape.Add(shape, estimate);
        }

        estimate.Add(rows, duration);
    }

    /// <summary>Estimated timestamps for an execution of this shape; 0 before the first one of any.</summary>
    public long For(ShapeKey shape, long rows) => (_byShape.TryGetValue(shape, out var estimate) ? estimate : _all).For(rows);
}
