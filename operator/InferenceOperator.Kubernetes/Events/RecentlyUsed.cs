using System.Diagnostics.CodeAnalysis;

namespace InferenceOperator.Kubernetes.Events;

/// <summary>A dictionary that forgets what was set or got longest ago when it is full. Not safe for several threads.</summary>
internal sealed class RecentlyUsed<TKey, TValue>(int countMax)
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _nodes = [];
    private readonly LinkedList<(TKey Key, TValue Value)> _byUse = new();

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (!_nodes.TryGetValue(key, out var node))
        {
            value = default;
            return false;
        }

        _byUse.Remove(node);
        _byUse.AddLast(node);
        value = node.Value.Value;
        return true;
    }

    public void Set(TKey key, TValue value)
    {
        Remove(key);
        if (_nodes.Count == countMax && _byUse.First is { } oldest)
        {
            Remove(oldest.Value.Key);
        }

        _nodes[key] = _byUse.AddLast((key, value));
    }

    public void Remove(TKey key)
    {
        if (_nodes.Remove(key, out var node))
        {
            _byUse.Remove(node);
        }
    }
}
