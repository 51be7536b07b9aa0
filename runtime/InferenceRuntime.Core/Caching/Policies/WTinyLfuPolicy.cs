namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>
/// Newcomers enter a window; what leaves it has to be worth more than what the main part would give up: estimated frequency × time
/// saved per byte.
/// </summary>
/// <remarks>
/// Source: W-TinyLFU (Einziger, Friedman, Manes, ACM ToS 2017), its main part an SLRU with 80 % protected, its window 1 % of the
/// bytes at first and moved by hill climbing (Einziger et al., Middleware 2018).
/// </remarks>
internal sealed class WTinyLfuPolicy(long bytesMax, ulong seed) : IEvictionPolicy
{
    // A newcomer that lost but is asked for often is let in by lot: else a set of keys made to collide stays for ever.
    private const int OftenAsked = 6;
    private const int LotsOneIn = 128;

    private readonly EntryList _window = new();
    private readonly EntryList _probation = new();
    private readonly EntryList _protected = new();
    private readonly FrequencySketch _sketch = new();
    private WindowClimber _climber = new(bytesMax);
    private Lots _lots = new(seed);

    public long OverheadBytes => _sketch.HeldBytes;

    private int Count => _window.Count + _probation.Count + _protected.Count;

    private long Bytes => _window.Bytes + _probation.Bytes + _protected.Bytes;

    public void Insert(CacheEntry entry)
    {
        _window.AddNewest(entry);
        _sketch.Reserve(Count);
        _sketch.Add(entry.Hash);
        _climber.AddMiss(Count);
        while (Bytes <= bytesMax && _window.Bytes > _climber.WindowBytes && _window.Oldest is { } oldest)
        {
            Move(oldest, _probation);
        }
    }

    public void Hit(CacheEntry entry)
    {
        _sketch.Add(entry.Hash);
        _climber.AddHit(Count);
        if (entry.List != _probation)
        {
            entry.List!.MoveToNewest(entry); // An entry that is hit is in a list.
            return;
        }

        Move(entry, _protected);
        var protectedMax = (bytesMax - _climber.WindowBytes) / 5 * 4;
        while (_protected.Bytes > protectedMax && _protected.Oldest is { } oldest)
        {
            Move(oldest, _probation);
        }
    }

    public void Remove(CacheEntry entry) => entry.List?.Remove(entry);

    public CacheEntry? Evict()
    {
        var victim = _probation.Oldest ?? _protected.Oldest;
        if (_window.Oldest is { } candidate && (victim is null || _window.Bytes > _climber.WindowBytes))
        {
            if (victim is not null && IsWorthMore(candidate, victim))
            {
                Move(candidate, _probation);
            }
            else
            {
                victim = candidate;
            }
        }

        if (victim is not null)
        {
            Remove(victim);
        }

        return victim;
    }

    private static void Move(CacheEntry entry, EntryList to)
    {
        entry.List!.Remove(entry); // Moved from one list to another.
        to.AddNewest(entry);
    }

    private bool IsWorthMore(CacheEntry candidate, CacheEntry victim)
    {
        var frequency = _sketch.Estimate(candidate.Hash);
        return frequency * candidate.Density > _sketch.Estimate(victim.Hash) * victim.Density
            || (frequency >= OftenAsked && _lots.Next(LotsOneIn) == 0);
    }
}
