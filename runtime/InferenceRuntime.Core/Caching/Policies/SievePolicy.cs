namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>
/// One queue that nothing moves in, and a hand from the oldest to the newest: it passes over what was asked for since its last
/// visit and takes the first that was not.
/// </summary>
/// <remarks>Source: SIEVE (Zhang et al., NSDI 2024). Dense entries are passed over further times.</remarks>
internal sealed class SievePolicy : IEvictionPolicy
{
    private readonly EntryList _entries = new();
    private MeanDensity _mean;
    private CacheEntry? _hand;

    public long OverheadBytes => 0;

    public void Insert(CacheEntry entry)
    {
        _mean.Add(entry);
        entry.Marks = _mean.ExtraTurns(entry);
        _entries.AddNewest(entry);
    }

    public void Hit(CacheEntry entry) => entry.Marks = 1 + _mean.ExtraTurns(entry);

    public void Remove(CacheEntry entry)
    {
        if (_hand == entry)
        {
            _hand = entry.Newer;
        }

        _mean.Remove(entry);
        _entries.Remove(entry);
    }

    public CacheEntry? Evict()
    {
        var candidate = _hand ?? _entries.Oldest;
        while (candidate is { Marks: > 0 })
        {
            candidate.Marks--;
            candidate = candidate.Newer ?? _entries.Oldest;
        }

        _hand = candidate;
        if (candidate is not null)
        {
            Remove(candidate);
        }

        return candidate;
    }
}
