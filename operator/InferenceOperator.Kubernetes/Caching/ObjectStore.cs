using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace InferenceOperator.Kubernetes.Caching;

/// <summary>The objects as last seen, and what each report about them changes. One thread writes; any may read.</summary>
internal sealed class ObjectStore<T>
{
    private readonly ConcurrentDictionary<ObjectKey, ApiObject<T>> _objects = new();

    public int Count => _objects.Count;

    public ApiObject<T>? Find(ObjectKey key) => _objects.GetValueOrDefault(key);

    public ImmutableArray<ApiObject<T>> Snapshot() => [.. _objects.Values];

    /// <summary>Takes in that the object is there. A state that is known already changes nothing.</summary>
    public ImmutableArray<ObjectChange<T>> Put(ApiObject<T> seen)
    {
        var known = Find(seen.Key);
        if (known is not null && known.Uid == seen.Uid && known.ResourceVersion == seen.ResourceVersion)
        {
            return [];
        }

        _objects[seen.Key] = seen;
        return known switch
        {
            null => [new ObjectChange<T>.Added(seen)],
            _ when known.Uid == seen.Uid => [new ObjectChange<T>.Updated(known, seen)],
            // Deleted and created again under the same name between two looks.
            _ => [new ObjectChange<T>.Deleted(known), new ObjectChange<T>.Added(seen)],
        };
    }

    /// <summary>Takes in that the object is gone.</summary>
    public ImmutableArray<ObjectChange<T>> Remove(ApiObject<T> last) =>
        _objects.TryRemove(last.Key, out var known) ? [new ObjectChange<T>.Deleted(known.Uid == last.Uid ? last : known)] : [];

    /// <summary>Takes in a complete list: what is not in it is gone.</summary>
    /// <param name="unreadable">Also in the list, but not to be understood: what is known of them stays.</param>
    public ImmutableArray<ObjectChange<T>> Replace(ImmutableArray<ApiObject<T>> all, IReadOnlyCollection<ObjectKey> unreadable)
    {
        var present = all.Select(static item => item.Key).Concat(unreadable).ToHashSet();
        var gone = _objects.Values.Where(known => !present.Contains(known.Key));
        return [.. gone.SelectMany(known => Remove(known)), .. all.SelectMany(seen => Put(seen))];
    }
}
