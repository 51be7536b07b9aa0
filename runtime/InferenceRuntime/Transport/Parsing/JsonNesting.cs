using System.Text.Json;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>Follows the brackets of <c>data</c>: flat, or nested exactly as the shape says. Begins inside the outermost bracket.</summary>
/// <param name="shape">The tensor's shape.</param>
/// <param name="counts">Memory for one count a level; longer than the shape.</param>
internal ref struct JsonNesting(ReadOnlySpan<long> shape, Span<long> counts)
{
    private readonly ReadOnlySpan<long> _shape = shape;
    private readonly Span<long> _counts = counts;
    private int _leafDepth;

    /// <summary>Open brackets; 0 when the list has ended.</summary>
    public int Depth { get; private set; } = 1;

    /// <summary>An opening or closing bracket; false when the shape has none there.</summary>
    public bool TryBracket(JsonTokenType token)
    {
        if (token == JsonTokenType.StartArray)
        {
            if (_leafDepth == 1 || Depth >= _shape.Length)
            {
                return false;
            }

            _counts[Depth]++;
            Depth++;
            _counts[Depth] = 0;
            return true;
        }

        // A flat list is counted by its elements; what is nested has every axis as long as the shape says.
        var nested = Depth > 1 || (_shape.Length > 1 && _leafDepth != 1 && _counts[1] > 0);
        if (nested && _counts[Depth] != _shape[Depth - 1])
        {
            return false;
        }

        Depth--;
        return true;
    }

    /// <summary>An element; false when it stands at another level than it may.</summary>
    public bool TryLeaf()
    {
        if (Depth != _leafDepth)
        {
            var fits = _leafDepth == 0 && (Depth == _shape.Length || (Depth == 1 && _counts[1] == 0));
            if (!fits)
            {
                return false;
            }

            _leafDepth = Depth;
        }

        _counts[Depth]++;
        return true;
    }
}
