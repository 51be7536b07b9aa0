namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>A binary heap of entries: the least rank on top, of equal ranks the one used longest ago. An entry knows its place.</summary>
internal sealed class EntryHeap
{
    private CacheEntry[] _entries = new CacheEntry[64];
    private int _count;

    public CacheEntry? Least => _count == 0 ? null : _entries[0];

    public long HeldBytes => Caching.HeldBytes.Array((long)_entries.Length * IntPtr.Size);

    public void Add(CacheEntry entry)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, 2 * _count);
        }

        Put(entry, _count++);
        Rise(entry);
    }

    /// <summary>Puts an entry right whose rank has become larger.</summary>
    public void Raised(CacheEntry entry) => Sink(entry);

    public void Remove(CacheEntry entry)
    {
        var place = entry.Place;
        var last = _entries[--_count];
        _entries[_count] = null!; // Beyond the count nothing is read.
        if (last != entry)
        {
            Put(last, place);
            Rise(last);
            Sink(last);
        }
    }

    private static bool IsBefore(CacheEntry one, CacheEntry other) =>
        one.Rank < other.Rank || (one.Rank == other.Rank && one.History.LastUse < other.History.LastUse);

    private void Rise(CacheEntry entry)
    {
        while (entry.Place > 0)
        {
            var parent = _entries[(entry.Place - 1) / 2];
            if (!IsBefore(entry, parent))
            {
                return;
            }

            var place = parent.Place;
            Put(parent, entry.Place);
            Put(entry, place);
        }
    }

    private void Sink(CacheEntry entry)
    {
        while (true)
        {
            var child = (2 * entry.Place) + 1;
            if (child >= _count)
            {
                return;
            }

            if (child + 1 < _count && IsBefore(_entries[child + 1], _entries[child]))
            {
                child++;
            }

            var least = _entries[child];
            if (!IsBefore(least, entry))
            {
                return;
            }

            Put(least, entry.Place);
            Put(entry, child);
        }
    }

    private void Put(CacheEntry entry, int place)
    {
        _entries[place] = entry;
        entry.Place = place;
    }
}
