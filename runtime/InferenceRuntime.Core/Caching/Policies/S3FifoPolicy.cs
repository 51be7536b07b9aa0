namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>
/// Newcomers prove themselves in a small queue; those asked for go on to the main queue, the others leave and are remembered, so
/// that they enter the main queue when they come back.
/// </summary>
/// <remarks>
/// Source: S3-FIFO (Yang et al., SOSP 2023): small 10 % of the bytes, uses counted to 3, as many remembered as the main queue
/// holds. Dense entries have one use to their credit in the small queue and further turns in the main one.
/// </remarks>
internal sealed class S3FifoPolicy(long bytesMax) : IEvictionPolicy
{
    private const int UsesMax = 3;
    private const int RememberedLeast = 64;

    private readonly EntryList _small = new();
    private readonly EntryList _main = new();
    private readonly GhostList<bool> _gone = new();
    private readonly long _smallMax = Math.Max(1, bytesMax / 10);
    private MeanDensity _mean;

    public long OverheadBytes => _gone.HeldBytes;

    public void Insert(CacheEntry entry)
    {
        _mean.Add(entry);
        if (_gone.Take(entry.Hash, out _))
        {
            EnterMain(entry);
            return;
        }

        entry.Marks = 0;
        _small.AddNewest(entry);
    }

    public void Hit(CacheEntry entry)
    {
        if (entry.List == _small || entry.Marks < UsesMax)
        {
            entry.Marks = Math.Min(entry.Marks + 1, UsesMax);
        }
    }

    public void Remove(CacheEntry entry)
    {
        _mean.Remove(entry);
        entry.List?.Remove(entry);
    }

    public CacheEntry? Evict()
    {
        // Ends: each pass moves an entry to the main queue or takes a turn away.
        while (true)
        {
            if (_small.Oldest is { } young && (_small.Bytes >= _smallMax || _main.Count == 0))
            {
                if (young.Marks + Math.Min(1, _mean.ExtraTurns(young)) > 1)
                {
                    _small.Remove(young);
                    EnterMain(young);
                    continue;
                }

                Remove(young);
                _gone.Add(young.Hash, default, Math.Max(RememberedLeast, _main.Count), out _);
                return young;
            }

            if (_main.Oldest is not { } old)
            {
                return null;
            }

            if (old.Marks > 0)
            {
                old.Marks--;
                _main.MoveToNewest(old);
                continue;
            }

            Remove(old);
            return old;
        }
    }

    private void EnterMain(CacheEntry entry)
    {
        entry.Marks = _mean.ExtraTurns(entry);
        _main.AddNewest(entry);
    }
}
