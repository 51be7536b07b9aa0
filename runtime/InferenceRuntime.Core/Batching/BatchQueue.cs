using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Core.Batching;

/// <summary>
/// The queue in front of one model and the rule by which batches close. Synchronous: time comes as an argument, answers are
/// values. Not thread safe: its owner guards it with one lock.
/// </summary>
/// <remarks>
/// A batch closes for a free slot when its shape has rows for a full batch (then it is full or the next request does not
/// fit), when its oldest request has waited the longest delay, when waiting longer would break the earliest deadline by the
/// measured execution time of its shape, or when the queue drains. Among shapes that may close, the one with the highest level goes
/// first, then the one whose request of that level is oldest; within a shape and level it is first in, first out. Only a
/// request with more rows than the limit is split: its pieces fill batches in order and it waits until the last is taken.
/// <para>
/// No request starves: the oldest of all is passed over at most <see cref="OvertakenMax"/> times in a row by batches that
/// close while its own shape could, then it goes first whatever its level. A request whose older ones make n batches is
/// therefore begun within (n + 1) · (<see cref="OvertakenMax"/> + 1) such batches. A full queue turns away the youngest
/// of the lowest level for a request of a higher level, but never the oldest of all.
/// </para>
/// Cost: O(log n) a request, and one look at each waiting shape a decision while a delay is set.
/// </remarks>
public sealed class BatchQueue
{
    /// <summary>Times in a row that the oldest request can be passed over by higher levels.</summary>
    public const int OvertakenMax = 7;

    /// <summary>What is answered for <see cref="RetryAfter"/> while nothing has been executed yet.</summary>
    public static readonly TimeSpan RetryAfterUnknown = TimeSpan.FromSeconds(1);

    /// <summary>Most that <see cref="RetryAfter"/> answers.</summary>
    public static readonly TimeSpan RetryAfterMax = TimeSpan.FromSeconds(60);

    private readonly WaitingLine _line = new();
    private readonly ShapeGroups _groups = new();
    private readonly DeadlineHeap _deadlines = new();
    private readonly ServiceTimes _serviceTimes = new();
    private readonly RowLimits _rowLimits = new();

    private readonly ClosingRule _closing;
    private readonly int _slots;
    private readonly long _timestampFrequency;

    private BatchPolicy _policy;

    private WaitingRequest? _expired;
    private WaitingRequest? _displaced;
    private int _overtaken;

    /// <param name="policy">The limits to start with.</param>
    /// <param name="slots">Executions that can run at the same time, at least 1.</param>
    /// <param name="timestampFrequency">Timestamps per second.</param>
    public BatchQueue(BatchPolicy policy, int slots, long timestampFrequency)
    {
        _policy = policy;
        _slots = slots;
        _timestampFrequency = timestampFrequency;
        _closing = new ClosingRule(_line, _groups, _deadlines, _serviceTimes, _rowLimits);
    }

    /// <summary>The limits in force. Setting them never drops what already waits, and tries rows again that did not fit into memory.</summary>
    public BatchPolicy Policy
    {
        get => _policy;
        set
        {
            _policy = value;
            _rowLimits.Clear();
        }
    }

    /// <summary>True once <see cref="BeginDraining"/> was called.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>What waits, without requests that expired.</summary>
    public QueueDepth Depth => _line.Depth;

    /// <summary>When the next waiting request expires; <see cref="long.MaxValue"/> when none does.</summary>
    public long NextExpiryAt => _deadlines.Earliest?.DeadlineAt ?? long.MaxValue;

    /// <summary>Takes no new requests from now on, and closes batches without waiting for company.</summary>
    public void BeginDraining() => IsDraining = true;

    /// <summary>Notes how long an execution occupied its slot, in timestamps.</summary>
    public void AddExecution(ShapeKey shape, int rows, long duration) => _serviceTimes.Add(shape, rows, duration);

    /// <summary>Timestamps that an execution of so many rows of a shape is expected to take; 0 before the first execution.</summary>
    public long ExpectedDuration(ShapeKey shape, int rows) => _serviceTimes.For(shape, rows);

    /// <summary>Halves the limit of a shape of which <paramref name="rows"/> rows did not fit into memory, until the limits are set again.</summary>
    public void ShrinkRows(ShapeKey shape, int rows) => _rowLimits.Shrink(shape, rows);

    /// <summary>
    /// Accepts a described request or says why not. Requests that expired make room first, then requests of lower levels:
    /// see <see cref="TakeExpired"/> and <see cref="TakeDisplaced"/>.
    /// </summary>
    public Admission Offer(WaitingRequest request, long now)
    {
        if (IsDraining)
        {
            return Admission.Draining;
        }

        var limits = Policy;
        if (request.DeadlineAt <= now)
        {
            return Admission.Expired;
        }

        if (request.Bytes > limits.BytesMax)
        {
            return Admission.TooLarge;
        }

        request.Level = limits.LevelOf(request.Priority);
        request.DeadlineAt = limits.DeadlineOf(request.DeadlineAt, now);
        if (!_line.HasRoom(request.Bytes, limits))
        {
            Expire(now);
            if (!MakeRoomFor(request, limits))
            {
                return Admission.Full;
            }
        }

        Append(request, now);
        return NeedsALook(request, limits) ? Admission.AcceptedWakeWorker : Admission.Accepted;
    }

    /// <summary>True when a request of the default level would be turned away whatever it holds: its body need not be read.</summary>
    public bool IsFullAt(long now) =>
        !IsDraining
        && !_line.HasRoom(bytes: 0, Policy)
        && !_line.CanMakeRoom(Policy.DefaultLevel, bytesWanted: 0, Policy)
        && NextExpiryAt > now;

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

    /// <summary>Takes out every request whose deadline has come; see <see cref="TakeExpired"/>.</summary>
    public void Expire(long now)
    {
        while (_deadlines.Earliest is { } late && late.DeadlineAt <= now)
        {
            Remove(late);
            late.NextDeparted = _expired;
            _expired = late;
        }
    }

    /// <summary>
    /// Requests that left the queue because their deadline passed, linked through <see cref="WaitingRequest.NextDeparted"/>;
    /// null when there are none. Each is given out once.
    /// </summary>
    public WaitingRequest? TakeExpired() => Take(ref _expired);

    /// <summary>Requests that had to make room for one of a higher level; as <see cref="TakeExpired"/>.</summary>
    public WaitingRequest? TakeDisplaced() => Take(ref _displaced);

    /// <summary>Takes the oldest request out, executed or not; null when nothing waits.</summary>
    public WaitingRequest? TakeOldest()
    {
        var oldest = _line.Oldest;
        if (oldest is not null)
        {
            Remove(oldest);
        }

        return oldest;
    }

    /// <summary>Decides for one free slot; fills <paramref name="batch"/> when the answer is to close.</summary>
    public BatchDecision Next(long now, Batch batch)
    {
        batch.Clear();
        Expire(now);
        if (_line.Oldest is not { } oldest)
        {
            return BatchDecision.WaitForWork;
        }

        var limits = Policy;
        var group = _closing.ClosableGroup(now, limits, IsDraining, out var wakeAt, out var oldestMayClose);
        if (group is null)
        {
            return BatchDecision.WaitUntil(wakeAt);
        }

        var rowsTaken = oldest.RowsTaken;
        if (oldestMayClose && _overtaken >= OvertakenMax)
        {
            group = oldest.Group!; // It waits.
            Take(oldest, batch, _closing.RowsMax(group, limits));
        }

        Fill(batch, group, _closing.RowsMax(group, limits));
        if (oldestMayClose)
        {
            _overtaken = oldest.RowsTaken > rowsTaken ? 0 : _overtaken + 1;
        }

        return BatchDecision.Close;
    }

    /// <summary>How long the queue needs to drain: waiting rows times what a row has cost of late, over the slots.</summary>
    public TimeSpan RetryAfter()
    {
        if (_serviceTimes.PerRow is not { } perRow)
        {
            return RetryAfterUnknown;
        }

        var seconds = Math.Max(Depth.Rows, 1) * perRow / (_slots * (double)_timestampFrequency);
        return seconds >= RetryAfterMax.TotalSeconds ? RetryAfterMax : TimeSpan.FromSeconds(seconds);
    }

    private static WaitingRequest? Take(ref WaitingRequest? chain)
    {
        var first = chain;
        chain = null;
        return first;
    }

    private bool MakeRoomFor(WaitingRequest request, BatchPolicy limits)
    {
        if (!_line.HasRoom(request.Bytes, limits) && !_line.CanMakeRoom(request, limits))
        {
            return false;
        }

        while (!_line.HasRoom(request.Bytes, limits))
        {
            var last = _line.Last()!; // There is room once those below the request's level are gone.
            Remove(last);
            last.NextDeparted = _displaced;
            _displaced = last;
        }

        return true;
    }

    // A worker that waits for company was told when to wake; it has to look earlier only for these reasons.
    private bool NeedsALook(WaitingRequest request, BatchPolicy limits) =>
        limits.DelayMax == 0
        || Depth.Requests == 1
        || ReferenceEquals(_deadlines.Earliest, request)
        || request.Group!.Rows >= _closing.RowsMax(request.Group, limits); // It was appended a moment ago.

    private void Fill(Batch batch, ShapeGroup group, int rowsMax)
    {
        while (group.First is { } next && (batch.Rows == 0 || RowsTogether(next, rowsMax) <= rowsMax - batch.Rows))
        {
            Take(next, batch, rowsMax);
        }
    }

    // What has to go into one batch together: one row of a request that is split, all that is left of any other.
    private static int RowsTogether(WaitingRequest request, int rowsMax) => request.Rows > rowsMax ? 1 : request.RowsLeft;

    private void Take(WaitingRequest request, Batch batch, int rowsMax)
    {
        var rows = request.Rows > rowsMax ? Math.Min(request.RowsLeft, rowsMax - batch.Rows) : request.RowsLeft;
        batch.Add(new BatchPart(request, request.RowsTaken, rows));
        request.Group!.TakeRows(rows); // It waits.
        _line.TakeRows(rows);
        request.RowsTaken += rows;
        if (request.RowsLeft == 0)
        {
            Remove(request);
        }
    }

    private void Append(WaitingRequest request, long now)
    {
        request.AcceptedAt = now;
        _line.Append(request);
        _groups.Append(request);
        if (request.DeadlineAt != long.MaxValue)
        {
            _deadlines.Add(request);
        }
    }

    private void Remove(WaitingRequest request)
    {
        _groups.Remove(request);
        _line.Remove(request);
        if (request.HeapIndex >= 0)
        {
            _deadlines.Remove(request);
        }
    }
}
