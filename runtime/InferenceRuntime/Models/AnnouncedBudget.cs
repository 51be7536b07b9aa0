namespace InferenceRuntime.Models;

/// <summary>The memory that announced versions take together. Thread safe.</summary>
/// <param name="options">How much that may be.</param>
internal sealed class AnnouncedBudget(AheadOptions options)
{
    private readonly Lock _gate = new();
    private long _taken;

    /// <summary>Bytes that are taken.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>Takes what a version needs.</summary>
    /// <param name="bytes">Length of its files.</param>
    /// <param name="held">What was taken for it and is to be given back.</param>
    public AheadPlan Take(long bytes, out long held)
    {
        lock (_gate)
        {
            var plan = options.Plan(bytes, _taken, options.Free());
            held = plan switch
            {
                AheadPlan.Nothing => 0,
                AheadPlan.Read => bytes,
                AheadPlan.Load => AheadOptions.LoadBytes(bytes),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            _taken += held;
            return plan;
        }
    }

    /// <summary>True when files of a length can still be loaded: memory may have gone since it was planned.</summary>
    public bool HasMemoryFor(long bytes) => AheadOptions.LoadBytes(bytes) <= options.Free() / 2;

    /// <summary>Gives back what was taken.</summary>
    public void GiveBack(long bytes)
    {
        lock (_gate)
        {
            _taken -= bytes;
        }
    }
}
