namespace InferenceOperator.Local.Endpoint;

/// <summary>The requests of one agent that wait for a replica, in the order in which they came. Bounded in number and in bytes.</summary>
/// <remarks>Not thread safe but for <see cref="Count"/>: the route's lock guards it.</remarks>
internal sealed class WaitingLine(EndpointLimits limits)
{
    private readonly LinkedList<WaitingRequest> _requests = new();
    private long _bytes;
    private int _count;

    /// <summary>Requests in it; may be read without the lock.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The one whose turn it is, or null.</summary>
    public WaitingRequest? First => _requests.First?.Value;

    /// <summary>Puts a request last, or first when it had its turn before; false when the line is full.</summary>
    public bool TryAdd(WaitingRequest request)
    {
        if (_requests.Count >= limits.HoldRequestsMax || _bytes + request.Bytes > limits.HoldBytesMax)
        {
            return false;
        }

        if (request.Except is null)
        {
            _requests.AddLast(request);
        }
        else
        {
            _requests.AddFirst(request);
        }

        _bytes += request.Bytes;
        Volatile.Write(ref _count, _requests.Count);
        return true;
    }

    /// <summary>Takes a request out; false when it is not in the line any more.</summary>
    public bool Remove(WaitingRequest request)
    {
        if (!_requests.Remove(request))
        {
            return false;
        }

        _bytes -= request.Bytes;
        Volatile.Write(ref _count, _requests.Count);
        return true;
    }
}
