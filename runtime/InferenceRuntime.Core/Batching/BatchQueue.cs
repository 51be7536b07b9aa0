using System.Diagnostics;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Core.Batching;

/// <summary>
/// The queue in front of one model and the rule by which batches close. Synchronous: time comes as an argument, answers are
/// values. Not thread safe: its owner guards it with one lock.
/// </summary>
/// <remarks>
/// Order: first in, first out within a shape; among shapes that may close, the one with the oldest head goes first, so none
/// starves. A request is never split, and one with more rows than the limit runs alone. A batch closes for a free slot when
/// its shape has rows for a full batch (then it is full or the next request does not fit), when its oldest request has
/// waited the longest delay, when waiting longer would break the earliest deadline by the estimated execution time, or
/// when the queue drains. Cost: O(log n) a request, and one look at each waiting shape a decision while a delay is set.
/// </remarks>
/// <param name="policy">The limits to start with.</param>
/// <param name="slots">Executions that can run at the same time, at least 1.</param>
/// <param name="timestampFrequency">Timestamps per second.</param>
public sealed class BatchQueue(BatchPolicy policy, int slots, long timestampFrequency)
{
    /// <summary>What is answered for <see cref="RetryAfter"/> while nothing has been executed yet.</summary>
    public static readonly TimeSpan RetryAfterUnknown = TimeSpan.FromSeconds(1);

    /// <summary>Most that <see cref="RetryAfter"/> answers.</summary>
    public static readonly TimeSpan RetryAfterMax = TimeSpan.FromSeconds(60);

    private const int SpareGroupsMax = 64;

    private readonly Dictionary<ShapeKey, ShapeGroup> _groupOf = [];
    private readonly List<ShapeGroup> _groups = [];
    private readonly Stack<ShapeGroup> _spareGroups = new();
    private readonly DeadlineHeap _deadlines = new();
    private readonly ServiceTimeEstimate _serviceTime = new();

    private WaitingRequest? _oldest;
    private WaitingRequest? _newest;
    private WaitingRequest? _expired;
    private long _sequence;
    private int _requests;
    private long _rows;
    private long _bytes;

    /// <summary>The limits in force. Setting them never drops what already waits.</summary>
    public BatchPolicy Policy { get; set; } = policy;

    /// <summary>True once <see cref="BeginDraining"/> was called.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>What waits, without requests that expired.</summary>
    public QueueDepth Depth => new(_requests, _rows, _bytes);

    /// <summary>Takes no new requests from now on, and closes batches without waiting for company.</summary>
    public void BeginDraining() => IsDraining = true;

    /// <summary>Notes how long an execution occupied its slot, in timestamps.</summary>
    public void AddExecution(int rows, long duration) => _serviceTime.Add(rows, duration);

    /// <summary>Accepts a described request or says why not. Requests that expired make room first.</summary>
    public Admission Offer(WaitingRequest request, long now)
    {
        if (IsDraining)
        {
            return Admission.Draining;
        }

        if (request.DeadlineAt <= now)
        {
            return Admission.Expired;
        }

        if (request.Bytes > Policy.BytesMax)
        {
            return Admission.TooLarge;
        }

        if (!HasRoomFor(request))
        {
            Expire(now);
            if (!HasRoomFor(request))
            {
                return Admission.Full;
            }
        }

        Append(request, now);
        return NeedsALook(request) ? Admission.AcceptedWakeWorker : Admission.Accepted;
    }

    /// <summary>Takes a request out; false when it does not wait here any more.</summary>
    public bool Withdraw(WaitingRequest request)
    {
        if (request.Group is null)
        {
            return false;
        }

        Remove(request);
        return true;
    }

    /// <summary>
    /// Requests that left the queue because their deadline passed, linked through <see cref="WaitingRequest.NextExpired"/>;
    /// null when there are none. Each is given out once.
    /// </summary>
    public WaitingRequest? TakeExpired()
    {
        var first = _expired;
        _expired = null;
        return first;
    }

    /// <summary>Decides for one free slot; fills <paramref name="batch"/> when the answer is to close.</summary>
    public BatchDecision Next(long now, Batch batch)
    {
        batch.Clear();
        Expire(now);
        if (_oldest is null)
        {
            return BatchDecision.WaitForWork;
        }

        var limits = Policy;
        var group = ClosableGroup(now, limits, out var wakeAt);
        if (group is null)
        {
            return BatchDecision.WaitUntil(wakeAt);
        }

        Fill(batch, group, limits.RowsMax);
        return BatchDecision.Close;
    }

    /// <summary>How long the queue needs to drain: waiting rows times what a row has cost of late, over the slots.</summary>
    public TimeSpan RetryAfter()
    {
        if (_serviceTime.PerRow is not { } perRow)
        {
            return RetryAfterUnknown;
        }

        var seconds = Math.Max(_rows, 1) * perRow / (slots * (double)timestampFrequency);
        return seconds >= RetryAfterMax.TotalSeconds ? RetryAfterMax : TimeSpan.FromSeconds(seconds);
    }

    private bool HasRoomFor(WaitingRequest request) =>
        _requests < Policy.RequestsMax && _bytes <= Policy.BytesMax - request.Bytes;

    // A worker that waits for company was told when to wake; it has to look earlier only for these reasons.
    private bool NeedsALook(WaitingRequest request) =>
        Policy.DelayMax == 0
        || _requests == 1
        || ReferenceEquals(_deadlines.Earliest, request)
        || request.Group!.Rows >= Policy.RowsMax; // It was appended a moment ago.

    private ShapeGroup? ClosableGroup(long now, BatchPolicy limits, out long wakeAt)
    {
        var oldest = _oldest!; // The caller found the queue not empty.
        var oldestGroup = oldest.Group!;
        wakeAt = oldest.AcceptedAt + limits.DelayMax;
        if (IsDraining || wakeAt <= now || oldestGroup.Rows >= limits.RowsMax)
        {
            return oldestGroup;
        }

        ShapeGroup? chosen = null;
        if (_groups.Count > 1)
        {
            foreach (var group in _groups)
            {
                if (group.Rows >= limits.RowsMax && (chosen is null || group.Head!.Sequence < chosen.Head!.Sequence))
                {
                    chosen = group;
                }
            }
        }

        if (_deadlines.Earliest is { } urgent)
        {
            var group = urgent.Group!;
            var startBy = urgent.DeadlineAt - _serviceTime.For(Math.Min(group.Rows, limits.RowsMax));
            wakeAt = Math.Min(wakeAt, startBy);
            if (startBy <= now && (chosen is null || group.Head!.Sequence < chosen.Head!.Sequence))
            {
                chosen = group;
            }
        }

        return chosen;
    }

    private void Fill(Batch batch, ShapeGroup group, int rowsMax)
    {
        do
        {
            var request = group.Head!;
            Remove(request);
            batch.Add(request);
        }
        while (group.Head is { } next && next.Rows <= rowsMax - batch.Rows);
    }

    private void Expire(long now)
    {
        while (_deadlines.Earliest is { } late && late.DeadlineAt <= now)
        {
            Remove(late);
            late.NextExpired = _expired;
            _expired = late;
        }
    }

    private void Append(WaitingRequest request, long now)
    {
        if (!_groupOf.TryGetValue(request.Shape, out var group))
        {
            group = _spareGroups.TryPop(out var spare) ? spare : new ShapeGroup();
            group.Key = request.Shape;
            group.Index = _groups.Count;
            _groups.Add(group);
            _groupOf.Add(request.Shape, group);
        }

        request.AcceptedAt = now;
        request.Sequence = _sequence++;
        group.Append(request);
        request.PreviousInQueue = _newest;
        if (_newest is null)
        {
            _oldest = request;
        }
        else
        {
            _newest.NextInQueue = request;
        }

        _newest = request;
        if (request.DeadlineAt != long.MaxValue)
        {
            _deadlines.Add(request);
        }

        _requests++;
        _rows += request.Rows;
        _bytes += request.Bytes;
    }

    private void Remove(WaitingRequest request)
    {
        var group = request.Group!; // Only waiting requests are removed.
        group.Remove(request);
        if (group.Head is null)
        {
            Retire(group);
        }

        Unlink(request);
        if (request.HeapIndex >= 0)
        {
            _deadlines.Remove(request);
        }

        _requests--;
        _rows -= request.Rows;
        _bytes -= request.Bytes;
        Debug.Assert(_requests >= 0 && _rows >= 0 && _bytes >= 0);
    }

    private void Unlink(WaitingRequest request)
    {
        var (previous, next) = (request.PreviousInQueue, request.NextInQueue);
        if (previous is null)
        {
            _oldest = next;
        }
        else
        {
            previous.NextInQueue = next;
        }

        if (next is null)
        {
            _newest = previous;
        }
        else
        {
            next.PreviousInQueue = previous;
        }

        request.PreviousInQueue = null;
        request.NextInQueue = null;
    }

    private void Retire(ShapeGroup group)
    {
        var last = _groups[^1];
        _groups[group.Index] = last;
        last.Index = group.Index;
        _groups.RemoveAt(_groups.Count - 1);
        _groupOf.Remove(group.Key);
        if (_spareGroups.Count < SpareGroupsMax)
        {
            _spareGroups.Push(group);
        }
    }
}
