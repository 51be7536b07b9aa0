namespace InferenceRuntime.Core.Caching;

/// <summary>Decides what a cache gives up. Keeps the entries' order, not the entries: the cache owns them. Not thread safe.</summary>
/// <remarks>The set is closed: <see cref="EvictionPolicies"/> makes them all. Equal calls and seeds give equal choices.</remarks>
public interface IEvictionPolicy
{
    /// <summary>Memory of the policy's own tables, bytes: sketches and memories of entries that are gone; bounded.</summary>
    long OverheadBytes { get; }

    /// <summary>Takes in an entry that was asked for, was not there and has been computed.</summary>
    void Insert(CacheEntry entry);

    /// <summary>Notes that an entry was asked for again.</summary>
    void Hit(CacheEntry entry);

    /// <summary>Forgets an entry that leaves for another reason than room.</summary>
    void Remove(CacheEntry entry);

    /// <summary>
    /// Chooses what goes and forgets it; it may be the entry that came last. Null when there is none. Called while entries
    /// take more than the bytes given at construction.
    /// </summary>
    CacheEntry? Evict();
}
