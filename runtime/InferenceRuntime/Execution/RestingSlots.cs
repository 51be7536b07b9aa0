using InferenceRuntime.Core.Batching;

namespace InferenceRuntime.Execution;

/// <summary>The slots whose workers wait for work, and whether one is lent to the thread that brings a request. Guarded by the dispatcher's lock.</summary>
/// <param name="runMax">The longest run, in timestamps, that a thread which brings a request is kept for.</param>
internal sealed class RestingSlots(long runMax)
{
    private readonly List<RunSlot> _slots = [];
    private readonly LoneArrivals _arrivals = new();

    /// <summary>True when some worker waits for work.</summary>
    public bool Any => _slots.Count > 0;

    /// <summary>A worker begins to wait.</summary>
    public void Add(RunSlot slot) => _slots.Add(slot);

    /// <summary>A worker was woken, or its slot is lent.</summary>
    public void Remove(RunSlot slot) => _slots.Remove(slot);

    /// <summary>Notes an execution of this many requests, after which so many wait.</summary>
    public void NoteExecution(int requests, int waiting) => _arrivals.Note(requests, waiting);

    /// <summary>
    /// The slot to lend for the only request that waits; null when its worker should run it. Two changes of thread cost more than a
    /// short run, but a thread of the pool must not be kept from other requests for a long one.
    /// </summary>
    /// <param name="expectedDuration">How long the run is expected to take, in timestamps.</param>
    public RunSlot? ToLend(long expectedDuration) =>
        _arrivals.AreUsual && _slots.Count > 0 && expectedDuration <= runMax ? _slots[^1] : null;
}
