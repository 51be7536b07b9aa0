namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>The arrival times of the requests that a replica holds, oldest first. Grows by doubling; the caller keeps the bound.</summary>
internal struct RequestRing()
{
    private double[] _times = new double[64];
    private int _head;

    public int Count { get; private set; }

    public readonly double Oldest => _times[_head];

    public void Add(double time)
    {
        if (Count == _times.Length)
        {
            Grow();
        }

        _times[(_head + Count) & (_times.Length - 1)] = time;
        Count++;
    }

    public double Take()
    {
        var time = _times[_head];
        _head = (_head + 1) & (_times.Length - 1);
        Count--;
        return time;
    }

    /// <summary>Requests that came before a time.</summary>
    public readonly int Before(double time)
    {
        var count = 0;
        while (count < Count && _times[(_head + count) & (_times.Length - 1)] < time)
        {
            count++;
        }

        return count;
    }

    public void Clear()
    {
        _head = 0;
        Count = 0;
    }

    private void Grow()
    {
        var larger = new double[_times.Length * 2];
        var toEnd = _times.Length - _head;
        Array.Copy(_times, _head, larger, 0, toEnd);
        Array.Copy(_times, 0, larger, toEnd, _head);
        _times = larger;
        _head = 0;
    }
}
