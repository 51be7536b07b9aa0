using System.Collections.Concurrent;

namespace InferenceRuntime.Execution;

/// <summary>Keeps <see cref="PendingInference"/> objects for reuse. Thread safe.</summary>
internal sealed class PendingPool(BatchDispatcher dispatcher)
{
    // Enough for the requests that wait while a batch runs; beyond it, objects are left to the garbage collector.
    private const int KeptMax = 4096;

    private readonly ConcurrentQueue<PendingInference> _spare = new();
    private int _count;

    public PendingInference Rent()
    {
        if (!_spare.TryDequeue(out var pending))
        {
            return new PendingInference(dispatcher, this);
        }

        Interlocked.Decrement(ref _count);
        return pending;
    }

    public void Return(PendingInference pending)
    {
        if (Volatile.Read(ref _count) >= KeptMax)
        {
            return;
        }

        pending.Reset();
        Interlocked.Increment(ref _count);
        _spare.Enqueue(pending);
    }
}
