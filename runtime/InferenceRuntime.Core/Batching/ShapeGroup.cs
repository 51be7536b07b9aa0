namespace InferenceRuntime.Core.Batching;

/// <summary>Waiting requests of one shape, oldest first. Linked through the requests; owned by one queue.</summary>
internal sealed class ShapeGroup
{
    /// <summary>The key its members share.</summary>
    public ShapeKey Key { get; set; }

    /// <summary>The oldest member; null only while the group is not in use.</summary>
    public WaitingRequest? Head { get; private set; }

    /// <summary>Rows of all members together.</summary>
    public long Rows { get; private set; }

    /// <summary>Place in the queue's list of groups.</summary>
    public int Index { get; set; }

    private WaitingRequest? _tail;

    public void Append(WaitingRequest request)
    {
        request.Group = this;
        request.PreviousInGroup = _tail;
        request.NextInGroup = null;
        if (_tail is null)
        {
            Head = request;
        }
        else
        {
            _tail.NextInGroup = request;
        }

        _tail = request;
        Rows += request.Rows;
    }

    public void Remove(WaitingRequest request)
    {
        var (previous, next) = (request.PreviousInGroup, request.NextInGroup);
        if (previous is null)
        {
            Head = next;
        }
        else
        {
            previous.NextInGroup = next;
        }

        if (next is null)
        {
            _tail = previous;
        }
        else
        {
            next.PreviousInGroup = previous;
        }

        request.Group = null;
        request.NextInGroup = null;
        request.PreviousInGroup = null;
        Rows -= request.Rows;
    }
}
