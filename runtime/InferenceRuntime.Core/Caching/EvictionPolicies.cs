using System.Diagnostics;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching.Policies;

namespace InferenceRuntime.Core.Caching;

/// <summary>Makes the policies by name.</summary>
public static class EvictionPolicies
{
    /// <summary>A policy without entries.</summary>
    /// <param name="policy">Any but <see cref="CachePolicy.None"/>.</param>
    /// <param name="bytesMax">Bytes that its entries may have together.</param>
    /// <param name="seed">Seed of the policies that draw lots.</param>
    public static IEvictionPolicy Create(CachePolicy policy, long bytesMax, ulong seed) => policy switch
    {
        CachePolicy.LRU => new LruPolicy(),
        CachePolicy.LFU => new LfuPolicy(),
        CachePolicy.SIEVE => new SievePolicy(),
        CachePolicy.S3FIFO => new S3FifoPolicy(bytesMax),
        CachePolicy.WTinyLFU => new WTinyLfuPolicy(bytesMax, seed),
        CachePolicy.Learned => new LearnedPolicy(seed),
        CachePolicy.None => throw new ArgumentException("a cache of policy None holds nothing", nameof(policy)),
        _ => throw new UnreachableException(),
    };
}
