namespace InferenceRuntime.Transport;

/// <summary>Bounds the bytes of request bodies that are held at once, over all connections. Thread safe.</summary>
/// <param name="bytesMax">Most bytes held.</param>
internal sealed class BodyBudget(long bytesMax)
{
    private long _held;

    /// <summary>Takes room; false, with nothing taken, when there is none.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= bytesMax)
        {
            return true;
        }

        Interlocked.Add(ref _held, -bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _held, -bytes);
}
