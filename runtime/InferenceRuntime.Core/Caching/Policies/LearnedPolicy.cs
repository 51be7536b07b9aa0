namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>
/// Of a sample, the entry with the least expected saving per byte goes: learned probability of reuse within a horizon × time saved
/// ÷ bytes.
/// </summary>
/// <remarks>
/// The model is taught by what evictions cost: an evicted key is remembered, and comes back (the eviction was wrong) or is
/// forgotten (it was right). That alone would show only the worst entries, so one survivor of each sample is asked about too. The
/// horizon is twice as many requests as there are entries.
/// </remarks>
internal sealed class LearnedPolicy(ulong seed) : IEvictionPolicy
{
    /// <summary>Entries compared at an eviction.</summary>
    private const int SampleSize = 32;

    private const int RememberedLeast = 64;
    private const int TurnoversOfHorizon = 2;

    private readonly GhostList<Ghost> _gone = new();
    private readonly ReuseModel _model = new();
    private Lots _lots = new(seed);
    private CacheEntry[] _entries = new CacheEntry[64];
    private int _count;
    private CacheEntry? _newcomer;
    private uint _now;
    private float _perEntry = 1;

    public long OverheadBytes => _model.HeldBytes + _gone.HeldBytes + HeldBytes.Array((long)_entries.Length * IntPtr.Size);

    /// <summary>Requests within which a reuse counts.</summary>
    private long Horizon => (long)TurnoversOfHorizon * _count;

    public void Insert(CacheEntry entry)
    {
        _now++;
        if (_gone.Take(entry.Hash, out var ghost))
        {
            _model.Learn(ghost.Question.Features, _now - ghost.Question.AskedAt <= Horizon);
            entry.History = ghost.History;
            entry.History.Use(_now, _perEntry);
        }
        else
        {
            entry.History = ReuseHistory.First(_now);
        }

        entry.Question = default;
        Add(entry);
        _newcomer = entry;
    }

    public void Hit(CacheEntry entry)
    {
        _now++;
        Answer(entry, cameBack: true);
        entry.History.Use(_now, _perEntry);
    }

    public void Remove(CacheEntry entry)
    {
        var last = _entries[--_count];
        _entries[_count] = null!; // Beyond the count nothing is read.
        if (last != entry)
        {
            _entries[entry.Place] = last;
            last.Place = entry.Place;
        }

        if (_newcomer == entry)
        {
            _newcomer = null;
        }
    }

    public CacheEntry? Evict()
    {
        if (_count == 0)
        {
            return null;
        }

        var victim = _newcomer ?? Draw();
        var features = victim.History.Features(_now, _perEntry);
        var least = _model.ExpectedUses(features) * victim.Density;
        var survivor = victim;
        for (var i = 0; i < SampleSize; i++)
        {
            var candidate = Draw();
            var itsFeatures = candidate.History.Features(_now, _perEntry);
            var value = _model.ExpectedUses(itsFeatures) * candidate.Density;
            if (value < least)
            {
                (victim, features, least) = (candidate, itsFeatures, value);
            }
            else
            {
                survivor = candidate;
            }
        }

        if (survivor != victim)
        {
            Ask(survivor);
        }

        Remove(victim);
        Remember(victim, features);
        return victim;
    }

    private CacheEntry Draw() => _entries[_lots.Next(_count)];

    private void Add(CacheEntry entry)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, 2 * _count);
        }

        entry.Place = _count;
        _entries[_count++] = entry;
        _perEntry = 1f / _count;
    }

    private void Remember(CacheEntry entry, ReuseFeatures features)
    {
        var question = new ReuseQuestion(_now, features);
        var remembered = Math.Max(RememberedLeast, _count);
        if (_gone.Add(entry.Hash, new Ghost(entry.History, question), remembered, out var forgotten))
        {
            _model.Learn(forgotten.Question.Features, cameBack: false);
        }
    }

    private void Ask(CacheEntry entry)
    {
        if (entry.Question.AskedAt != 0)
        {
            if (_now - entry.Question.AskedAt <= Horizon)
            {
                return;
            }

            Answer(entry, cameBack: false);
        }

        entry.Question = new ReuseQuestion(_now, entry.History.Features(_now, _perEntry));
    }

    private void Answer(CacheEntry entry, bool cameBack)
    {
        if (entry.Question.AskedAt != 0)
        {
            _model.Learn(entry.Question.Features, cameBack && _now - entry.Question.AskedAt <= Horizon);
            entry.Question = default;
        }
    }

    /// <summary>What is remembered of an evicted entry.</summary>
    private readonly record struct Ghost(ReuseHistory History, ReuseQuestion Question);
}
