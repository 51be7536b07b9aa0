namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>Entries in the order of their arrival in the list; the links lie in the entries.</summary>
internal sealed class EntryList
{
    public CacheEntry? Newest { get; private set; }

    public CacheEntry? Oldest { get; private set; }

    public int Count { get; private set; }

    /// <summary>Bytes of the entries together.</summary>
    public long Bytes { get; private set; }

    public void AddNewest(CacheEntry entry)
    {
        entry.List = this;
        entry.Older = Newest;
        entry.Newer = null;
        if (Newest is { } newest)
        {
            newest.Newer = entry;
        }
        else
        {
            Oldest = entry;
        }

        Newest = entry;
        Count++;
        Bytes += entry.Bytes;
    }

    public void Remove(CacheEntry entry)
    {
        if (entry.Newer is { } newer)
        {
            newer.Older = entry.Older;
        }
        else
        {
            Newest = entry.Older;
        }

        if (entry.Older is { } older)
        {
            older.Newer = entry.Newer;
        }
        else
        {
            Oldest = entry.Newer;
        }

        entry.List = null;
        entry.Newer = null;
        entry.Older = null;
        Count--;
        Bytes -= entry.Bytes;
    }

    public void MoveToNewest(CacheEntry entry)
    {
        if (Newest != entry)
        {
            Remove(entry);
            AddNewest(entry);
        }
    }
}
