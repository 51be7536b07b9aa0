namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>The least uses × time saved per byte goes; what goes raises the rank from which newcomers start, so that old fame fades.</summary>
/// <remarks>Source: GreedyDual-Size with Frequency (Cherkasova, HP Laboratories HPL-98-69R1, 1998). O(log n).</remarks>
internal sealed class LfuPolicy : IEvictionPolicy
{
    private readonly EntryHeap _heap = new();
    private double _age;
    private uint _now;

    public long OverheadBytes => _heap.HeldBytes;

    public void Insert(CacheEntry entry)
    {
        entry.Marks = 1;
        entry.History.LastUse = ++_now;
        entry.Rank = _age + entry.Density;
        _heap.Add(entry);
    }

    public void Hit(CacheEntry entry)
    {
        entry.Marks = Math.Min(entry.Marks + 1, int.MaxValue - 1);
        entry.History.LastUse = ++_now;
        entry.Rank = _age + (entry.Marks * entry.Density);
        _heap.Raised(entry);
    }

    public void Remove(CacheEntry entry) => _heap.Remove(entry);

    public CacheEntry? Evict()
    {
        var victim = _heap.Least;
        if (victim is not null)
        {
            _age = victim.Rank;
            _heap.Remove(victim);
        }

        return victim;
    }
}
