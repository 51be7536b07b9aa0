namespace InferenceRuntime.Core.Batching;

/// <summary>
/// A request as the queue sees it: rows, bytes, a shape and a deadline. It carries its own links, so that queuing allocates
/// nothing; it may wait in one queue at a time.
/// </summary>
public class WaitingRequest
{
    /// <summary>Rows, at least 1.</summary>
    public int Rows { get; private set; }

    /// <summary>Bytes of its tensors, not negative.</summary>
    public long Bytes { get; private set; }

    /// <summary>Requests with equal keys may run together.</summary>
    public ShapeKey Shape { get; private set; }

    /// <summary>Timestamp after which it must not be executed; <see cref="long.MaxValue"/> for none.</summary>
    public long DeadlineAt { get; private set; } = long.MaxValue;

    /// <summary>Timestamp at which the queue accepted it.</summary>
    public long AcceptedAt { get; internal set; }

    // Links and positions belong to the queue that holds the request.
    internal ShapeGroup? Group { get; set; }

    internal WaitingRequest? NextInGroup { get; set; }

    internal WaitingRequest? PreviousInGroup { get; set; }

    internal WaitingRequest? NextInQueue { get; set; }

    internal WaitingRequest? PreviousInQueue { get; set; }

    internal long Sequence { get; set; }

    /// <summary>Position in the deadline heap; −1 when not in it.</summary>
    internal int HeapIndex { get; set; } = -1;

    /// <summary>The next request that expired with this one, see <see cref="BatchQueue.TakeExpired"/>; null at the end.</summary>
    public WaitingRequest? NextExpired { get; internal set; }

    /// <summary>Describes the request before it is offered to a queue.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Rows below 1 or negative bytes.</exception>
    /// <exception cref="InvalidOperationException">The request waits in a queue.</exception>
    public void Describe(int rows, long bytes, ShapeKey shape, long deadlineAt)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (Group is not null)
        {
            throw new InvalidOperationException("The request still waits in a queue.");
        }

        Rows = rows;
        Bytes = bytes;
        Shape = shape;
        DeadlineAt = deadlineAt;
        NextExpired = null;
    }
}
