namespace InferenceOperator.Kubernetes.Queues;

/// <summary>
/// Which keys are to be worked on, and when: the rules of a work queue without threads or clocks. Not safe for several threads.
/// </summary>
/// <remarks>
/// A key is there once, however often it is added. It is never given out twice at the same time: added while it is being
/// worked on, it becomes due once that is done. Of several due times the earliest counts. Ready keys leave in the order in
/// which they became ready, those that somebody waits for before those that were added for good measure; but of
/// <see cref="UrgentInARow"/> + 1 keys one is of the latter, so that they do not wait for ever.
/// </remarks>
internal sealed class WorkSchedule<TKey>(WorkQueueOptions options)
    where TKey : notnull
{
    /// <summary>Urgent keys that are given out one after another while others are ready.</summary>
    public const int UrgentInARow = 8;

    private readonly Queue<TKey> _ready = new();
    private readonly Queue<TKey> _readyLater = new();
    private readonly PriorityQueue<(TKey Key, DateTimeOffset Due), (DateTimeOffset Due, long Order)> _byDue = new();
    private readonly Dictionary<TKey, Entry> _entries = [];
    private readonly Dictionary<TKey, int> _failures = [];
    private long _order;
    private int _readyCount;
    private int _urgentGiven;

    private enum Phase
    {
        /// <summary>Known for its due time alone, or not at all any more.</summary>
        Idle,
        Ready,
        Working,

        /// <summary>Being worked on, and to be worked on again.</summary>
        WorkingAndDirty,
    }

    /// <summary>Keys that are waiting, ready or being worked on.</summary>
    public int Count => _entries.Count;

    public int ReadyCount => _readyCount;

    /// <summary>When the next waiting key becomes due; null when none waits.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            DropOutdated();
            return _byDue.TryPeek(out var next, out _) ? next.Due : null;
        }
    }

    /// <summary>Makes the key ready now. False when the queue is full and does not know the key.</summary>
    /// <param name="key">The key; urgent once, it stays so until it is given out.</param>
    /// <param name="urgency">Before or after what else is ready.</param>
    public bool Add(TKey key, WorkUrgency urgency = WorkUrgency.Awaited)
    {
        if (!TryEntry(key, out var entry))
        {
            return false;
        }

        entry.Due = null;
        MakeReady(key, entry, urgency);
        return true;
    }

    /// <summary>Makes the key ready at <paramref name="due"/>, unless it is or becomes ready before. False as for <see cref="Add"/>.</summary>
    public bool AddAt(TKey key, DateTimeOffset due)
    {
        if (!TryEntry(key, out var entry))
        {
            return false;
        }

        if (entry.Phase is not (Phase.Ready or Phase.WorkingAndDirty) && (entry.Due is not { } earlier || due < earlier))
        {
            entry.Due = due;
            _byDue.Enqueue((key, due), (due, _order++));
        }

        return true;
    }

    /// <summary>Makes the key ready after a pause that doubles with each failure since <see cref="Forget"/>.</summary>
    public bool AddAfterFailure(TKey key, DateTimeOffset now)
    {
        var failures = _failures.GetValueOrDefault(key) + 1;
        if (_failures.Count < options.KeysMax || failures > 1)
        {
            _failures[key] = failures;
        }

        return AddAt(key, now + PauseAfter(failures));
    }

    /// <summary>How often the key has failed in a row.</summary>
    public int Failures(TKey key) => _failures.GetValueOrDefault(key);

    /// <summary>The next failure of the key counts as its first again.</summary>
    public void Forget(TKey key) => _failures.Remove(key);

    /// <summary>Gives out a ready key; <see cref="Done"/> must follow.</summary>
    public bool TryTake(DateTimeOffset now, out TKey? key)
    {
        while (NextDue is { } due && due <= now)
        {
            var next = _byDue.Dequeue().Key;
            var entry = _entries[next];
            entry.Due = null;
            MakeReady(next, entry, WorkUrgency.Precaution);
        }

        var laterFirst = _urgentGiven >= UrgentInARow;
        if (laterFirst && TryTakeFrom(_readyLater, WorkUrgency.Precaution, out key))
        {
            _urgentGiven = 0;
            return true;
        }

        if (TryTakeFrom(_ready, WorkUrgency.Awaited, out key))
        {
            _urgentGiven++;
            return true;
        }

        _urgentGiven = 0;
        return TryTakeFrom(_readyLater, WorkUrgency.Precaution, out key);
    }

    /// <summary>The work on the key has ended, well or not.</summary>
    /// <exception cref="InvalidOperationException">The key was not being worked on.</exception>
    public void Done(TKey key)
    {
        if (!_entries.TryGetValue(key, out var entry) || entry.Phase is not (Phase.Working or Phase.WorkingAndDirty))
        {
            throw new InvalidOperationException($"{key} is not being worked on.");
        }

        var dirty = entry.Phase is Phase.WorkingAndDirty;
        entry.Phase = Phase.Idle;
        if (dirty)
        {
            MakeReady(key, entry, entry.Urgency);
        }
        else if (entry.Due is null)
        {
            _entries.Remove(key);
        }
    }

    internal TimeSpan PauseAfter(int failures)
    {
        // Beyond 2^30 the double would still be exact; the limit is for the multiplication.
        var ticks = options.FirstPause.Ticks * Math.Pow(2, Math.Min(failures - 1, 30));
        return ticks >= options.PauseMax.Ticks ? options.PauseMax : TimeSpan.FromTicks((long)ticks);
    }

    private bool TryEntry(TKey key, out Entry entry)
    {
        if (_entries.TryGetValue(key, out var known))
        {
            entry = known;
            return true;
        }

        entry = new Entry();
        return _entries.Count < options.KeysMax && _entries.TryAdd(key, entry);
    }

    /// <summary>The first key of a line that is still ready and belongs there: keys that became urgent meanwhile stand in both.</summary>
    private bool TryTakeFrom(Queue<TKey> line, WorkUrgency urgency, out TKey? key)
    {
        while (line.TryDequeue(out key))
        {
            var entry = _entries.GetValueOrDefault(key);
            if (entry is { Phase: Phase.Ready } && entry.Urgency == urgency)
            {
                entry.Phase = Phase.Working;
                _readyCount--;
                return true;
            }
        }

        return false;
    }

    private void MakeReady(TKey key, Entry entry, WorkUrgency urgency)
    {
        switch (entry.Phase)
        {
            case Phase.Idle:
                entry.Phase = Phase.Ready;
                entry.Urgency = urgency;
                _readyCount++;
                (urgency is WorkUrgency.Awaited ? _ready : _readyLater).Enqueue(key);
                break;
            case Phase.Working:
                entry.Phase = Phase.WorkingAndDirty;
                entry.Urgency = urgency;
                break;
            case Phase.Ready when urgency is WorkUrgency.Awaited && entry.Urgency is WorkUrgency.Precaution:
                entry.Urgency = urgency;
                _ready.Enqueue(key);
                break;
            case Phase.WorkingAndDirty when urgency is WorkUrgency.Awaited:
                entry.Urgency = urgency;
                break;
            case Phase.Ready or Phase.WorkingAndDirty:
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Drops due times that an earlier one, or an immediate add, made void.</summary>
    private void DropOutdated()
    {
        while (_byDue.TryPeek(out var next, out _) && !(_entries.TryGetValue(next.Key, out var entry) && entry.Due == next.Due))
        {
            _byDue.Dequeue();
        }
    }

    private sealed class Entry
    {
        public Phase Phase { get; set; }

        public DateTimeOffset? Due { get; set; }

        /// <summary>Of the work that it is ready for, or will be once the present one is done.</summary>
        public WorkUrgency Urgency { get; set; }
    }
}
