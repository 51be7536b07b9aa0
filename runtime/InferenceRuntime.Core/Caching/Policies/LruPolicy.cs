namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>The least recently used goes; entries denser than the mean get further turns first.</summary>
internal sealed class LruPolicy : IEvictionPolicy
{
    private readonly EntryList _entries = new();
    private MeanDensity _mean;

    public long OverheadBytes => 0;

    public void Insert(CacheEntry entry)
    {
        _mean.Add(entry);
        entry.Marks = _mean.ExtraTurns(entry);
        _entries.AddNewest(entry);
    }

    public void Hit(CacheEntry entry)
    {
        entry.Marks = _mean.ExtraTurns(entry);
        _entries.MoveToNewest(entry);
    }

    public void Remove(CacheEntry entry)
    {
        _mean.Remove(entry);
        _entries.Remove(entry);
    }

    public CacheEntry? Evict()
    {
        // Ends: each pass takes a turn away from somebody.
        while (_entries.Oldest is { Marks: > 0 } dense)
        {
            dense.Marks--;
            _entries.MoveToNewest(dense);
        }

        var victim = _entries.Oldest;
        if (victim is not null)
        {
            Remove(victim);
        }

        return victim;
    }
}
