namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>The next event of each busy or waiting server, earliest first; of equal times the one that was set first.</summary>
internal sealed class EventHeap
{
    private Entry[] _entries = new Entry[64];
    private int _count;
    private long _sequence;

    /// <summary>Time of the earliest entry; infinite when there is none.</summary>
    public double NextAt => _count > 0 ? _entries[0].At : double.PositiveInfinity;

    public void Push(double at, ReplicaServer server, int epoch)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, _count * 2);
        }

        var entry = new Entry(at, _sequence++, server, epoch);
        var i = _count++;
        while (i > 0)
        {
            var parent = (i - 1) / 2;
            if (!entry.IsBefore(_entries[parent]))
            {
                break;
            }

            _entries[i] = _entries[parent];
            i = parent;
        }

        _entries[i] = entry;
    }

    public Entry Pop()
    {
        var top = _entries[0];
        var last = _entries[--_count];
        _entries[_count] = default;
        var i = 0;
        while (true)
        {
            var child = (2 * i) + 1;
            if (child >= _count)
            {
                break;
            }

            child += child + 1 < _count && _entries[child + 1].IsBefore(_entries[child]) ? 1 : 0;
            if (!_entries[child].IsBefore(last))
            {
                break;
            }

            _entries[i] = _entries[child];
            i = child;
        }

        if (_count > 0)
        {
            _entries[i] = last;
        }

        return top;
    }

    /// <param name="At">When.</param>
    /// <param name="Sequence">When it was set, in turn.</param>
    /// <param name="Server">Whose.</param>
    /// <param name="Epoch">The server's epoch when it was set; another one by now makes the entry void.</param>
    internal readonly record struct Entry(double At, long Sequence, ReplicaServer Server, int Epoch)
    {
        public bool IsBefore(in Entry other) => At < other.At || (At == other.At && Sequence < other.Sequence);
    }
}
