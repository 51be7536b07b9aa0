using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;

namespace InferenceRuntime.Core.Tests.Caching;

/// <summary>The queue policies in their plainest form: lists that are searched, no links, no heaps.</summary>
internal abstract class PolicyModel
{
    /// <summary>Everything held, in any order.</summary>
    protected List<CacheEntry> Held { get; } = [];

    public static PolicyModel Of(CachePolicy policy, long bytesMax) => policy switch
    {
        CachePolicy.LRU => new Lru(),
        CachePolicy.LFU => new Lfu(),
        CachePolicy.SIEVE => new Sieve(),
        CachePolicy.S3FIFO => new S3Fifo(bytesMax),
        _ => throw new ArgumentOutOfRangeException(nameof(policy)),
    };

    public virtual void Insert(CacheEntry entry) => Held.Add(entry);

    public abstract void Hit(CacheEntry entry);

    public virtual void Remove(CacheEntry entry) => Held.Remove(entry);

    public abstract CacheEntry Evict();

    /// <summary>Whole turns beyond those of an entry of mean density.</summary>
    protected int Extra(CacheEntry entry) =>
        (int)Math.Clamp((entry.Cost / entry.Bytes / (Held.Sum(e => e.Cost) / Held.Sum(e => e.Bytes))) - 0.5, 0, 7);

    private sealed class Lru : PolicyModel
    {
        private readonly Dictionary<CacheEntry, int> _turns = [];

        public override void Insert(CacheEntry entry)
        {
            base.Insert(entry);
            _turns[entry] = Extra(entry);
        }

        public override void Hit(CacheEntry entry)
        {
            Held.Remove(entry);
            Held.Add(entry);
            _turns[entry] = Extra(entry);
        }

        public override CacheEntry Evict()
        {
            while (true)
            {
                var oldest = Held[0];
                Held.RemoveAt(0);
                if (_turns[oldest]-- == 0)
                {
                    return oldest;
                }

                Held.Add(oldest);
            }
        }
    }

    private sealed class Lfu : PolicyModel
    {
        private readonly Dictionary<CacheEntry, (int Uses, double Rank, int LastUse)> _ranks = [];
        private double _age;
        private int _now;

        public override void Insert(CacheEntry entry)
        {
            base.Insert(entry);
            _ranks[entry] = (1, _age + (entry.Cost / entry.Bytes), _now++);
        }

        public override void Hit(CacheEntry entry)
        {
            var uses = _ranks[entry].Uses + 1;
            _ranks[entry] = (uses, _age + (uses * (entry.Cost / entry.Bytes)), _now++);
        }

        public override CacheEntry Evict()
        {
            var victim = Held.MinBy(e => (_ranks[e].Rank, _ranks[e].LastUse))!;
            Held.Remove(victim);
            _age = _ranks[victim].Rank;
            return victim;
        }
    }

    private sealed class Sieve : PolicyModel
    {
        private readonly Dictionary<CacheEntry, int> _marks = [];
        private int _hand;

        public override void Insert(CacheEntry entry)
        {
            base.Insert(entry);
            _marks[entry] = Extra(entry);
        }

        public override void Hit(CacheEntry entry) => _marks[entry] = 1 + Extra(entry);

        public override void Remove(CacheEntry entry)
        {
            var place = Held.IndexOf(entry);
            Held.RemoveAt(place);
            _hand = place < _hand ? _hand - 1 : _hand;
            _hand = _hand >= Held.Count ? 0 : _hand;
        }

        public override CacheEntry Evict()
        {
            while (true)
            {
                _hand = _hand >= Held.Count ? 0 : _hand;
                var candidate = Held[_hand];
                if (_marks[candidate]-- == 0)
                {
                    Held.RemoveAt(_hand);

                    // A hand that leaves the newest begins at the oldest, also when something comes in between.
                    _hand = _hand >= Held.Count ? 0 : _hand;
                    return candidate;
                }

                _hand++;
            }
        }
    }

    private sealed class S3Fifo(long bytesMax) : PolicyModel
    {
        private readonly Dictionary<CacheEntry, int> _uses = [];
        private readonly List<CacheEntry> _small = [];
        private readonly List<CacheEntry> _main = [];
        private readonly List<UInt128?> _gone = [];

        public override void Insert(CacheEntry entry)
        {
            base.Insert(entry);
            var place = _gone.IndexOf(entry.Hash);
            if (place >= 0)
            {
                _gone[place] = null;
                EnterMain(entry);
                return;
            }

            _uses[entry] = 0;
            _small.Add(entry);
        }

        public override void Hit(CacheEntry entry)
        {
            if (_small.Contains(entry) || _uses[entry] < 3)
            {
                _uses[entry] = Math.Min(3, _uses[entry] + 1);
            }
        }

        public override void Remove(CacheEntry entry)
        {
            base.Remove(entry);
            _small.Remove(entry);
            _main.Remove(entry);
        }

        public override CacheEntry Evict()
        {
            while (true)
            {
                if (_small.Count > 0 && (_small.Sum(static e => e.Bytes) >= Math.Max(1, bytesMax / 10) || _main.Count == 0))
                {
                    var young = _small[0];
                    if (_uses[young] + Math.Min(1, Extra(young)) > 1)
                    {
                        _small.RemoveAt(0);
                        EnterMain(young);
                        continue;
                    }

                    Remove(young);
                    _gone.Add(young.Hash);
                    while (_gone.Count > Math.Max(64, _main.Count))
                    {
                        var wasThere = _gone[0] is not null;
                        _gone.RemoveAt(0);
                        if (wasThere)
                        {
                            break;
                        }
                    }

                    return young;
                }

                var old = _main[0];
                _main.RemoveAt(0);
                if (_uses[old] > 0)
                {
                    _uses[old]--;
                    _main.Add(old);
                    continue;
                }

                Remove(old);
                return old;
            }
        }

        private void EnterMain(CacheEntry entry)
        {
            _uses[entry] = Extra(entry);
            _main.Add(entry);
        }
    }
}
