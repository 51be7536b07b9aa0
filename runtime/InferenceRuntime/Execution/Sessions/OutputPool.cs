using System.Collections.Concurrent;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>Keeps output blocks for reuse. Thread safe; what is more than it keeps is left to the garbage collector.</summary>
internal sealed class OutputPool(int outputs)
{
    private const int KeptMax = 4096;

    private readonly ConcurrentQueue<OutputBlock> _spare = new();
    private int _count;

    public OutputBlock Rent()
    {
        if (!_spare.TryDequeue(out var block))
        {
            return new OutputBlock(this, outputs);
        }

        Interlocked.Decrement(ref _count);
        return block;
    }

    public void Return(OutputBlock block)
    {
        if (Volatile.Read(ref _count) >= KeptMax)
        {
            return;
        }

        Interlocked.Increment(ref _count);
        _spare.Enqueue(block);
    }
}
