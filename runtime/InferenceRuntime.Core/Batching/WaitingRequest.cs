namespace InferenceRuntime.Core.Batching;

/// <summary>
/// A request as the queue sees it: rows, bytes, a shape, a priority and a deadline. It carries its own links, so that queuing
/// allocates nothing; it may wait in one queue at a time.
/// </summary>
public class WaitingRequest
{
    /// <summary>Neighbours over all shapes; like all links and positions, the queue's that holds the request.</summary>
    internal Links LinksInLine;

    /// <summary>Neighbours of the same shape.</summary>
    internal Links LinksInGroup;

    /// <summary>Rows, at least 1.</summary>
    public int Rows { get; private set; }

    /// <summary>Rows that are in batches already; above 0 and below <see cref="Rows"/> only while a request that is split waits.</summary>
    public int RowsTaken { get; internal set; }

    /// <summary>Rows that still wait.</summary>
    public int RowsLeft => Rows - RowsTaken;

    /// <summary>Bytes of its tensors, not negative.</summary>
    public long Bytes { get; private set; }

    /// <summary>Requests with equal keys may run together.</summary>
    public ShapeKey Shape { get; private set; }

    /// <summary>What was asked for: 1 is the highest, 0 the default.</summary>
    public ulong Priority { get; private set; }

    /// <summary>Timestamp after which it must not be executed; <see cref="long.MaxValue"/> for none. The queue may bring it forward when it accepts the request.</summary>
    public long DeadlineAt { get; internal set; } = long.MaxValue;

    /// <summary>Timestamp at which the queue accepted it.</summary>
    public long AcceptedAt { get; internal set; }

    /// <summary>The level that the queue gave it, 1 (highest) to <c>QueueSettings.PriorityLevels</c>.</summary>
    public int Level { get; internal set; } = 1;

    /// <summary>The next request that left the queue unexecuted together with this one; null at the end. Whoever took the chain may link it anew.</summary>
    public WaitingRequest? NextDeparted { get; set; }

    internal ShapeGroup? Group { get; set; }

    /// <summary>Rank of arrival in its queue.</summary>
    internal long Sequence { get; set; }

    /// <summary>Position in the deadline heap; −1 when not in it.</summary>
    internal int HeapIndex { get; set; } = -1;

    /// <summary>Describes the request before it is offered to a queue.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Rows below 1 or negative bytes.</exception>
    /// <exception cref="InvalidOperationException">The request waits in a queue.</exception>
    public void Describe(int rows, long bytes, ShapeKey shape, long deadlineAt, ulong priority)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (Group is not null)
        {
            throw new InvalidOperationException("The request still waits in a queue.");
        }

        Rows = rows;
        RowsTaken = 0;
        Bytes = bytes;
        Shape = shape;
        DeadlineAt = deadlineAt;
        Priority = priority;
        NextDeparted = null;
    }
}
