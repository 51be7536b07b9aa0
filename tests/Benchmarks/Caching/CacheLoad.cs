using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;

namespace InferenceOperator.Benchmarks.Caching;

/// <summary>Threads that look requests up and store what they miss, in the cache as it serves: hash, compare, lock, policy.</summary>
internal sealed class CacheLoad
{
    private const int Keys = 20_000;
    private const int KeyBytes = 256;
    private const int OutputBytes = 64;
    private const long BytesMax = 4 << 20;
    private const int Shards = 8;

    private readonly InferenceRequest[] _requests;
    private readonly KeyedHash _hash = new(new byte[KeyedHash.SecretBytes]);
    private readonly TensorContent[] _outputs = [new TensorContent(new long[] { 1, OutputBytes }, new byte[OutputBytes])];
    private readonly ZipfDraw _draw = new(Keys, 0.9);
    private readonly int _seed;

    public CacheLoad(int seed)
    {
        _seed = seed;
        var random = new Random(seed);
        _requests = [.. Enumerable.Range(0, Keys).Select(_ =>
        {
            var bytes = new byte[KeyBytes];
            random.NextBytes(bytes);
            return new InferenceRequest([new TensorContent(new long[] { 1, KeyBytes }, bytes)], 1, KeyBytes, 1, 0, 0, long.MaxValue);
        })];
    }

    /// <summary>Runs it.</summary>
    /// <returns>Nanoseconds of wall time per operation, all threads together, and the share of hits.</returns>
    public (double Nanoseconds, double HitRatio) Run(CachePolicy policy, int threads, int operations)
    {
        var cache = new ResponseCache(policy, BytesMax, Shards, (ulong)_seed);
        var keys = Enumerable.Range(0, threads).Select(thread => Draw(_seed + thread, operations / threads)).ToArray();
        RunThreads(cache, keys);
        var clock = TimeProvider.System;
        var startedAt = clock.GetTimestamp();
        var hits = RunThreads(cache, keys);
        return (clock.GetElapsedTime(startedAt).TotalNanoseconds / operations, (double)hits / operations);
    }

    private int[] Draw(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => _draw.Next(random))];
    }

    private long RunThreads(ResponseCache cache, int[][] keys)
    {
        var hits = 0L;
        var running = Array.ConvertAll(keys, mine => new Thread(() => Interlocked.Add(ref hits, Ask(cache, mine))));
        Array.ForEach(running, static thread => thread.Start());
        Array.ForEach(running, static thread => thread.Join());
        return hits;
    }

    private int Ask(ResponseCache cache, int[] keys)
    {
        var hits = 0;
        foreach (var key in keys)
        {
            var request = _requests[key];
            var hash = RequestKeys.Hash(_hash, request);
            if (cache.Find(hash, request, 0) is not null)
            {
                hits++;
            }
            else
            {
                cache.Store(CachedResponse.Copy(hash, RequestKeys.Encode(request)!, _outputs, 100 + (key % 100), 0)!); // Keys are short.
            }
        }

        return hits;
    }
}
