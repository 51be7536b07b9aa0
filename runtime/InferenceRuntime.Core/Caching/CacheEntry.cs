using InferenceRuntime.Core.Caching.Policies;

namespace InferenceRuntime.Core.Caching;

/// <summary>What an eviction policy knows of one cached thing. Belongs to one policy at a time; not thread safe.</summary>
/// <param name="hash">128-bit hash of the key.</param>
/// <param name="bytes">Memory that is free again when the entry goes, at least 1.</param>
/// <param name="cost">Compute time that a hit saves, microseconds, above 0.</param>
public class CacheEntry(UInt128 hash, long bytes, double cost)
{
    /// <summary>128-bit hash of the key.</summary>
    public UInt128 Hash { get; } = hash;

    /// <summary>Memory that is free again when the entry goes.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>Compute time that a hit saves, microseconds.</summary>
    public double Cost { get; } = cost;

    /// <summary>Hits since it was stored.</summary>
    public int Hits { get; internal set; }

    /// <summary>Microseconds saved by a hit, per byte held.</summary>
    internal double Density => Cost / Bytes;

    /// <summary>The list that holds it; null when none does.</summary>
    internal EntryList? List { get; set; }

    internal CacheEntry? Newer { get; set; }

    internal CacheEntry? Older { get; set; }

    /// <summary>Place in the heap or table of a policy that has one.</summary>
    internal int Place { get; set; }

    /// <summary>Small counter of the policy: turns left, or uses seen.</summary>
    internal int Marks { get; set; }

    /// <summary>Rank in the heap of a policy that has one.</summary>
    internal double Rank { get; set; }

    /// <summary>How it was used so far: all of it for the learned policy, the last use also for LFU.</summary>
    internal ReuseHistory History;

    /// <summary>A question asked of the learned model and not answered yet.</summary>
    internal ReuseQuestion Question;
}
