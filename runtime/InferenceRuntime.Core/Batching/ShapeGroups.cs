using System.Runtime.InteropServices;

namespace InferenceRuntime.Core.Batching;

/// <summary>The shapes that wait. A group exists while it has members; a few empty ones are kept for reuse.</summary>
internal sealed class ShapeGroups
{
    private const int SpareMax = 64;

    private readonly Dictionary<ShapeKey, ShapeGroup> _groupOf = [];
    private readonly List<ShapeGroup> _inUse = [];
    private readonly Stack<ShapeGroup> _spare = new();

    /// <summary>Every group that has members, in no order. Valid until the next change.</summary>
    public ReadOnlySpan<ShapeGroup> InUse => CollectionsMarshal.AsSpan(_inUse);

    /// <summary>Adds a request to the group of its shape.</summary>
    public void Append(WaitingRequest request)
    {
        if (!_groupOf.TryGetValue(request.Shape, out var group))
        {
            group = _spare.TryPop(out var spare) ? spare : new ShapeGroup();
            group.Key = request.Shape;
            group.Index = _inUse.Count;
            _inUse.Add(group);
            _groupOf.Add(request.Shape, group);
        }

        group.Append(request);
    }

    /// <summary>Takes a request out of its group.</summary>
    public void Remove(WaitingRequest request)
    {
        var group = request.Group!; // Only waiting requests are removed.
        group.Remove(request);
        if (group.First is null)
        {
            Retire(group);
        }
    }

    private void Retire(ShapeGroup group)
    {
        var last = _inUse[^1];
        _inUse[group.Index] = last;
        last.Index = group.Index;
        _inUse.RemoveAt(_inUse.Count - 1);
        _groupOf.Remove(group.Key);
        if (_spare.Count < SpareMax)
        {
            _spare.Push(group);
        }
    }
}
