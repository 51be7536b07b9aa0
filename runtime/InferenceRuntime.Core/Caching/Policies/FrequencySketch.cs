namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>Estimates how often keys were asked for lately: counters of 4 bits in four rows, halved now and then.</summary>
/// <remarks>
/// Source: TinyLFU (Einziger, Friedman, Manes, ACM ToS 2017). Never too low but for the halving; too high where keys share
/// counters. The table doubles with the number of entries; both halves then begin with what the whole knew.
/// </remarks>
internal sealed class FrequencySketch
{
    /// <summary>Largest estimate.</summary>
    public const int Max = 15;

    private const int Rows = 4;
    private const int CountersPerEntry = 16;
    private const int AdditionsPerEntry = 10;
    private const ulong LowBits = 0x7777_7777_7777_7777;

    private ulong[] _words = new ulong[16 * CountersPerEntry / 16];
    private int _entries = 16;
    private int _additions;

    public long HeldBytes => Caching.HeldBytes.Array((long)_words.Length * sizeof(ulong));

    /// <summary>Makes room for estimates of this many entries.</summary>
    public void Reserve(int entries)
    {
        while (_entries < entries)
        {
            _words = [.. _words, .. _words];
            _entries *= 2;
        }
    }

    /// <summary>Counts one request for a key.</summary>
    public void Add(UInt128 hash)
    {
        for (var row = 0; row < Rows; row++)
        {
            var (word, shift) = Counter(hash, row);
            if (((_words[word] >> shift) & Max) < Max)
            {
                _words[word] += 1UL << shift;
            }
        }

        if (++_additions >= AdditionsPerEntry * _entries)
        {
            Halve();
        }
    }

    /// <summary>Requests for a key lately, 0 to <see cref="Max"/>.</summary>
    public int Estimate(UInt128 hash)
    {
        var least = Max;
        for (var row = 0; row < Rows; row++)
        {
            var (word, shift) = Counter(hash, row);
            least = Math.Min(least, (int)((_words[word] >> shift) & Max));
        }

        return least;
    }

    // Each row has its own 32 bits of the hash: the upper ones choose the counter in the word, the lower ones the word, so that a
    // doubled table finds what the smaller one knew.
    private (int Word, int Shift) Counter(UInt128 hash, int row)
    {
        var bits = (uint)(hash >> (32 * row));
        return ((int)(bits & (uint)(_words.Length - 1)), (int)(bits >> 28) << 2);
    }

    private void Halve()
    {
        for (var i = 0; i < _words.Length; i++)
        {
            _words[i] = (_words[i] >> 1) & LowBits;
        }

        _additions /= 2;
    }
}
