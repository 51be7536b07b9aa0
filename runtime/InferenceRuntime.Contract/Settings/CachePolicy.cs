using System.Text.Json.Serialization;

namespace InferenceRuntime.Contract;

/// <summary>What a response cache gives up when it is full. All weigh entries by their bytes and by the compute time they save.</summary>
[JsonConverter(typeof(CachePolicyJson))]
public enum CachePolicy
{
    /// <summary>No cache.</summary>
    None,

    /// <summary>Least recently used.</summary>
    LRU,

    /// <summary>Least frequently used, with ageing.</summary>
    LFU,

    /// <summary>One queue and a hand that passes over what was asked for since it last came by.</summary>
    SIEVE,

    /// <summary>A small and a main queue, and a memory of what left the small one.</summary>
    S3FIFO,

    /// <summary>A window and a main part that admits by estimated frequency.</summary>
    WTinyLFU,

    /// <summary>The lowest learned probability of reuse, times time saved, per byte.</summary>
    Learned,
}
