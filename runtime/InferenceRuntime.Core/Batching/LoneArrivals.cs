namespace InferenceRuntime.Core.Batching;

/// <summary>
/// Tells when requests come one at a time, so that nothing is gained by handing one to another thread: whoever brings it may run it.
/// </summary>
/// <remarks>
/// Batches form because requests wait while another thread computes. Only after <see cref="StreakMin"/> executions in a row of one
/// request each, none of which left anything waiting, are requests taken to come alone; the first company ends that. Not thread safe.
/// </remarks>
public sealed class LoneArrivals
{
    /// <summary>Executions in a row that show it.</summary>
    public const int StreakMin = 16;

    private int _streak;

    /// <summary>True while requests come one at a time.</summary>
    public bool AreUsual => _streak == StreakMin;

    /// <summary>Notes an execution of this many requests, after which so many wait.</summary>
    public void Note(int requests, int waiting) => _streak = requests == 1 && waiting == 0 ? Math.Min(_streak + 1, StreakMin) : 0;
}
