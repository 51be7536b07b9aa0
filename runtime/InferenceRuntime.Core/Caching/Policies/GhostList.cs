using System.Runtime.InteropServices;

namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>Remembers the last entries that went, by hash, with a note on each; the oldest is forgotten first.</summary>
/// <typeparam name="TNote">The note.</typeparam>
internal sealed class GhostList<TNote>
    where TNote : struct
{
    private readonly Dictionary<ulong, (long Serial, TNote Note)> _notes = [];
    private readonly Queue<(ulong Hash, long Serial)> _order = new();
    private long _serial;

    public int Count => _notes.Count;

    /// <summary>Memory of both tables, bytes; what they have grown to, not what is in use.</summary>
    public long HeldBytes =>
        TableBytes<(int, int, ulong, long, TNote)>(_notes.Capacity) + ArrayBytes(_notes.Capacity * (long)sizeof(int)) + TableBytes<(ulong, long)>(_order.Capacity);

    /// <summary>Remembers an entry.</summary>
    /// <param name="hash">Its hash; the lower half names it here, an error of 1 in 2⁶⁴ costs a wrong guess and no wrong answer.</param>
    /// <param name="note">The note.</param>
    /// <param name="countMax">How many may be remembered, at least 1.</param>
    /// <param name="forgotten">The note of one that was forgotten for lack of room and had not been taken.</param>
    /// <returns>True when one was forgotten.</returns>
    public bool Add(UInt128 hash, TNote note, int countMax, out TNote forgotten)
    {
        var serial = ++_serial;
        var key = (ulong)hash;
        _notes[key] = (serial, note);
        _order.Enqueue((key, serial));
        forgotten = default;
        var found = false;
        while (_order.Count > countMax)
        {
            var (oldest, itsSerial) = _order.Dequeue();
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_notes, oldest);
            if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref entry) && entry.Serial == itsSerial)
            {
                forgotten = entry.Note;
                found = true;
                _notes.Remove(oldest);
                break;
            }
        }

        return found;
    }

    /// <summary>Gives the note of a remembered entry and forgets it.</summary>
    public bool Take(UInt128 hash, out TNote note)
    {
        var isThere = _notes.Remove((ulong)hash, out var entry);
        note = entry.Note;
        return isThere;
    }

    private static long TableBytes<T>(int count) => ArrayBytes((long)count * System.Runtime.CompilerServices.Unsafe.SizeOf<T>());

    private static long ArrayBytes(long bytes) => Caching.HeldBytes.Array(bytes);
}
