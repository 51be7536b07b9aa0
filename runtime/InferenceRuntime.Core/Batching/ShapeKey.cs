namespace InferenceRuntime.Core.Batching;

/// <summary>What requests must share to run together: the dimensions of their inputs without axis 0. Opaque to the queue.</summary>
public readonly struct ShapeKey : IEquatable<ShapeKey>
{
    private readonly long[]? _dimensions;
    private readonly int _hash;

    /// <param name="dimensions">Ranks and dimensions of all inputs in order; not changed afterwards.</param>
    public ShapeKey(long[] dimensions)
    {
        _dimensions = dimensions;
        var hash = new HashCode();
        foreach (var dimension in dimensions)
        {
            hash.Add(dimension);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>The key of every request of a model whose dimensions beside axis 0 are all fixed.</summary>
    public static ShapeKey Fixed => default;

    /// <inheritdoc/>
    public bool Equals(ShapeKey other) =>
        ReferenceEquals(_dimensions, other._dimensions)
        || (_hash == other._hash && _dimensions.AsSpan().SequenceEqual(other._dimensions));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ShapeKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>Same dimensions.</summary>
    public static bool operator ==(ShapeKey left, ShapeKey right) => left.Equals(right);

    /// <summary>Different dimensions.</summary>
    public static bool operator !=(ShapeKey left, ShapeKey right) => !left.Equals(right);
}
