namespace InferenceRuntime.Models;

/// <summary>What the preparation of announced versions may take.</summary>
internal sealed record AheadOptions
{
    /// <summary>Most bytes that versions which do not serve yet take together. Default 1 GiB; 0: none is prepared.</summary>
    public long BytesMax { get; init; } = 1L << 30;

    /// <summary>Bytes a second that are read, at least 1. Default 64 MiB: half of what a slow network disk gives.</summary>
    public long BytesPerSecond { get; init; } = 64L << 20;

    /// <summary>Gives the memory that is free now, bytes.</summary>
    public Func<long> Free { get; init; } = FreeMemory.Bytes;

    /// <summary>How long before its time a version's preparation begins: twice what reading takes, and two minutes for loading.</summary>
    /// <param name="bytes">Length of its files.</param>
    public TimeSpan Lead(long bytes) => TimeSpan.FromMinutes(2) + (2 * TimeSpan.FromSeconds((double)bytes / BytesPerSecond));

    /// <summary>Most memory that loading files of a length takes, bytes.</summary>
    public static long LoadBytes(long bytes) => (3 * bytes) + (32L << 20);

    /// <summary>How far a version is prepared: never with more than half of the memory that is free.</summary>
    /// <param name="bytes">Length of its files.</param>
    /// <param name="taken">What others that are announced take, bytes.</param>
    /// <param name="free">Memory that is free, bytes.</param>
    public AheadPlan Plan(long bytes, long taken, long free)
    {
        var most = Math.Min(BytesMax - taken, free / 2);
        return LoadBytes(bytes) <= most ? AheadPlan.Load : bytes <= most ? AheadPlan.Read : AheadPlan.Nothing;
    }
}
