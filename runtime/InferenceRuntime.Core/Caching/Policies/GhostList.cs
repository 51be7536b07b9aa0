using System.Numerics;
using System.Runtime.CompilerServices;

namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>Remembers the last entries that went, by hash, with a note on each; the oldest is forgotten first.</summary>
/// <remarks>A ring of slots, chained into buckets by their place in the ring: no object for each entry.</remarks>
/// <typeparam name="TNote">The note.</typeparam>
internal sealed class GhostList<TNote>
    where TNote : struct
{
    private const int None = -1;
    private const int FirstLength = 64;

    private Slot[] _slots = new Slot[FirstLength];
    private int[] _buckets = NewBuckets(FirstLength);
    private int _oldest;
    private int _length;

    /// <summary>Memory of the tables, bytes.</summary>
    public long HeldBytes =>
        Caching.HeldBytes.Array((long)_slots.Length * Unsafe.SizeOf<Slot>()) + Caching.HeldBytes.Array((long)_buckets.Length * sizeof(int));

    /// <summary>Remembers an entry.</summary>
    /// <param name="hash">Its hash; the lower half names it here: an error of 1 in 2⁶⁴ costs a wrong guess and no wrong answer.</param>
    /// <param name="note">The note.</param>
    /// <param name="countMax">How many may be remembered, at least 1.</param>
    /// <param name="forgotten">The note of one that was forgotten for lack of room and had not been taken.</param>
    /// <returns>True when one was forgotten; where there are more to forget, they go with the next calls.</returns>
    public bool Add(UInt128 hash, TNote note, int countMax, out TNote forgotten)
    {
        if (_length == _slots.Length)
        {
            Grow();
        }

        var place = (_oldest + _length++) % _slots.Length;
        _slots[place] = new Slot { Hash = (ulong)hash, Note = note };
        Link(place);
        while (_length > countMax)
        {
            ref var oldest = ref _slots[_oldest];
            var isThere = !oldest.IsTaken;
            forgotten = oldest.Note;
            if (isThere)
            {
                Unlink(_oldest);
            }

            _oldest = (_oldest + 1) % _slots.Length;
            _length--;
            if (isThere)
            {
                return true;
            }
        }

        forgotten = default;
        return false;
    }

    /// <summary>Gives the note of a remembered entry and forgets it.</summary>
    public bool Take(UInt128 hash, out TNote note)
    {
        for (var place = _buckets[Bucket((ulong)hash)]; place != None; place = _slots[place].Next)
        {
            ref var slot = ref _slots[place];
            if (slot.Hash == (ulong)hash)
            {
                note = slot.Note;
                Unlink(place);
                slot.IsTaken = true;
                return true;
            }
        }

        note = default;
        return false;
    }

    private static int[] NewBuckets(int slots)
    {
        var buckets = new int[BitOperations.RoundUpToPowerOf2((uint)slots)];
        Array.Fill(buckets, None);
        return buckets;
    }

    private int Bucket(ulong hash) => (int)(hash & (ulong)(_buckets.Length - 1));

    private void Link(int place)
    {
        ref var bucket = ref _buckets[Bucket(_slots[place].Hash)];
        _slots[place].Next = bucket;
        bucket = place;
    }

    private void Unlink(int place)
    {
        ref var link = ref _buckets[Bucket(_slots[place].Hash)];
        while (link != place)
        {
            link = ref _slots[link].Next;
        }

        link = _slots[place].Next;
    }

    private void Grow()
    {
        var old = _slots;
        _slots = new Slot[old.Length + (old.Length / 2)];
        _buckets = NewBuckets(_slots.Length);
        for (var i = 0; i < _length; i++)
        {
            _slots[i] = old[(_oldest + i) % old.Length];
            if (!_slots[i].IsTaken)
            {
                Link(i);
            }
        }

        _oldest = 0;
    }

    private struct Slot
    {
        public ulong Hash;
        public int Next;
        public bool IsTaken;
        public TNote Note;
    }
}
