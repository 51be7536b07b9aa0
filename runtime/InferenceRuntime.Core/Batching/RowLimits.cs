namespace InferenceRuntime.Core.Batching;

/// <summary>Shapes for which fewer rows fit into memory than the settings allow. Not thread safe.</summary>
internal sealed class RowLimits
{
    // Beyond it all are forgotten and found anew.
    private const int ShapesMax = 256;

    private readonly Dictionary<ShapeKey, int> _limits = [];

    /// <summary>Most rows of a batch of this shape.</summary>
    public int For(ShapeKey shape, int rowsMax) =>
        _limits.Count > 0 && _limits.TryGetValue(shape, out var limit) ? Math.Min(limit, rowsMax) : rowsMax;

    /// <summary>Limits a shape of which <paramref name="rows"/> rows did not fit to half as many.</summary>
    public void Shrink(ShapeKey shape, int rows)
    {
        var half = Math.Max(1, rows / 2);
        if (_limits.TryGetValue(shape, out var limit) && limit <= half)
        {
            return;
        }

        if (_limits.Count >= ShapesMax)
        {
            _limits.Clear();
        }

        _limits[shape] = half;
    }

    /// <summary>Forgets every limit.</summary>
    public void Clear() => _limits.Clear();
}
