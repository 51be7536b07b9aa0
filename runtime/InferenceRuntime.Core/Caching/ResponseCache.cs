using System.Numerics;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Core.Caching;

/// <summary>Responses by the exact bytes of their requests, bounded by memory. Thread safe; finding allocates nothing.</summary>
/// <remarks>
/// Parted into shards by hash, each with its lock, its share of the memory and its own policy. A response is given only when the
/// bytes of its key are those of the request: equal hashes cost a miss, never a wrong answer.
/// </remarks>
public sealed class ResponseCache
{
    /// <summary>Smallest memory of a shard: below it, large responses find no room.</summary>
    private const long ShardBytesLeast = 1 << 20;

    private readonly CacheShard[] _shards;
    private readonly int _shift;
    private long _timeToLive = long.MaxValue;

    /// <param name="policy">Any but None.</param>
    /// <param name="bytesMax">Memory of keys, values and bookkeeping together.</param>
    /// <param name="shardsMax">Most parts, at least 1; fewer where memory is scarce. Rounded down to a power of two.</param>
    /// <param name="seed">Seed of policies that draw lots.</param>
    public ResponseCache(CachePolicy policy, long bytesMax, int shardsMax, ulong seed)
    {
        var count = (int)Math.Clamp(bytesMax / ShardBytesLeast, 1, shardsMax);
        var bits = BitOperations.Log2((uint)count);
        _shift = 128 - bits;
        _shards = new CacheShard[1 << bits];
        var share = bytesMax / _shards.Length;
        for (var i = 0; i < _shards.Length; i++)
        {
            _shards[i] = new CacheShard(EvictionPolicies.Create(policy, share, seed + (ulong)i), share);
        }
    }

    /// <summary>Age, in timestamps, at which responses are no longer given; <see cref="long.MaxValue"/>: none. May change at any time.</summary>
    public long TimeToLive
    {
        get => Volatile.Read(ref _timeToLive);
        set => Volatile.Write(ref _timeToLive, value);
    }

    /// <summary>The response to a request; null when there is none.</summary>
    /// <param name="hash">Hash of the request's key.</param>
    /// <param name="request">The request.</param>
    /// <param name="now">Timestamp.</param>
    public CachedResponse? Find(UInt128 hash, InferenceRequest request, long now)
    {
        var timeToLive = TimeToLive;
        return Shard(hash).Find(hash, request, timeToLive == long.MaxValue ? long.MinValue : now - timeToLive);
    }

    /// <summary>Takes a response in, in place of one of the same hash, and gives up others for it; larger than a shard: not taken.</summary>
    public void Store(CachedResponse response) => Shard(response.Hash).Store(response);

    /// <summary>What is held now.</summary>
    public CacheContent Content()
    {
        var sum = default(CacheContent);
        foreach (var shard in _shards)
        {
            var content = shard.Content();
            sum = new CacheContent(sum.Entries + content.Entries, sum.Bytes + content.Bytes, sum.Evictions + content.Evictions);
        }

        return sum;
    }

    /// <summary>The responses that saved most per byte first, as many as fit.</summary>
    /// <param name="bytesMax">Sum of <see cref="CacheEntry.Bytes"/>.</param>
    public List<CachedResponse> Hottest(long bytesMax)
    {
        var all = new List<CachedResponse>();
        foreach (var shard in _shards)
        {
            shard.CopyTo(all);
        }

        // Hits go on while this sorts: each is read once.
        var hottest = new List<CachedResponse>();
        foreach (var (_, response) in all.ConvertAll(static r => (Heat: (r.Hits + 1) * r.Cost / r.Bytes, Response: r)).OrderByDescending(static r => r.Heat))
        {
            if (response.Bytes > bytesMax)
            {
                break;
            }

            bytesMax -= response.Bytes;
            hottest.Add(response);
        }

        return hottest;
    }

    private CacheShard Shard(UInt128 hash) => _shards[_shards.Length == 1 ? 0 : (int)(hash >> _shift)];
}
