namespace InferenceRuntime.Core.Caching;

/// <summary>Counts what becomes of requests at a cache. Thread safe; adding allocates nothing.</summary>
public sealed class CacheCounters
{
    private const double NanosecondsPerMicrosecond = 1000;

    private long _hits;
    private long _joined;
    private long _misses;
    private long _bypassed;
    private long _evictionsBefore;
    private long _nanosecondsSaved;

    /// <summary>Counts a request answered from the cache.</summary>
    /// <param name="cost">Compute time that it saved, microseconds.</param>
    public void AddHit(double cost)
    {
        Interlocked.Increment(ref _hits);
        AddSaved(cost);
    }

    /// <summary>Counts a request answered by another's computation.</summary>
    /// <param name="cost">Compute time that it saved, microseconds.</param>
    public void AddJoined(double cost)
    {
        Interlocked.Increment(ref _joined);
        AddSaved(cost);
    }

    /// <summary>Counts a request that was computed.</summary>
    public void AddMiss() => Interlocked.Increment(ref _misses);

    /// <summary>Counts a request that passed the cache by.</summary>
    public void AddBypassed() => Interlocked.Increment(ref _bypassed);

    /// <summary>Keeps the evictions of a cache that is replaced.</summary>
    public void AddEvictions(long evictions) => Interlocked.Add(ref _evictionsBefore, evictions);

    /// <summary>Everything so far.</summary>
    /// <param name="content">What the cache in use holds; empty when there is none.</param>
    public CacheSnapshot Snapshot(CacheContent content) => new(
        Volatile.Read(ref _hits),
        Volatile.Read(ref _joined),
        Volatile.Read(ref _misses),
        Volatile.Read(ref _bypassed),
        Volatile.Read(ref _evictionsBefore) + content.Evictions,
        Volatile.Read(ref _nanosecondsSaved) / 1e9,
        content.Entries,
        content.Bytes);

    private void AddSaved(double cost) => Interlocked.Add(ref _nanosecondsSaved, (long)(cost * NanosecondsPerMicrosecond));
}
