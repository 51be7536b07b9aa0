namespace InferenceRuntime.Core.Batching;

/// <summary>Binary heap of the waiting requests that have a deadline, earliest first; members know their place, so any can leave in O(log n).</summary>
internal sealed class DeadlineHeap
{
    private WaitingRequest[] _items = new WaitingRequest[16];
    private int _count;

    /// <summary>The member with the earliest deadline; null when there is none.</summary>
    public WaitingRequest? Earliest => _count == 0 ? null : _items[0];

    public void Add(WaitingRequest request)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, _count * 2);
        }

        _count++;
        RiseFrom(_count - 1, request);
    }

    public void Remove(WaitingRequest request)
    {
        var hole = request.HeapIndex;
        request.HeapIndex = -1;
        _count--;
        var last = _items[_count];
        _items[_count] = null!; // Beyond _count nothing is read.
        if (hole == _count)
        {
            return;
        }

        if (hole > 0 && last.DeadlineAt < _items[(hole - 1) / 2].DeadlineAt)
        {
            RiseFrom(hole, last);
        }
        else
        {
            SinkFrom(hole, last);
        }
    }

    private void RiseFrom(int hole, WaitingRequest request)
    {
        while (hole > 0)
        {
            var parent = (hole - 1) / 2;
            if (_items[parent].DeadlineAt <= request.DeadlineAt)
            {
                break;
            }

            Place(hole, _items[parent]);
            hole = parent;
        }

        Place(hole, request);
    }

    private void SinkFrom(int hole, WaitingRequest request)
    {
        for (var child = (2 * hole) + 1; child < _count; child = (2 * hole) + 1)
        {
            if (child + 1 < _count && _items[child + 1].DeadlineAt < _items[child].DeadlineAt)
            {
                child++;
            }

            if (request.DeadlineAt <= _items[child].DeadlineAt)
            {
                break;
            }

            Place(hole, _items[child]);
            hole = child;
        }

        Place(hole, request);
    }

    private void Place(int index, WaitingRequest request)
    {
        _items[index] = request;
        request.HeapIndex = index;
    }
}
