namespace InferenceOperator.Core.Resource;

/// <summary>What the cache of responses gives up when it is full.</summary>
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

    /// <summary>A small and a main queue.</summary>
    S3FIFO,

    /// <summary>A window and a main part that admits by estimated frequency.</summary>
    WTinyLFU,

    /// <summary>The lowest learned probability of reuse, times time saved, per byte.</summary>
    Learned,
}
