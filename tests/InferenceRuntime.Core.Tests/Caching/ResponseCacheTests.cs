using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Core.Tests.Caching;

public sealed class ResponseCacheTests
{
    public static TheoryData<CachePolicy> Policies => [.. Enum.GetValues<CachePolicy>().Where(static p => p != CachePolicy.None)];

    [Theory]
    [MemberData(nameof(Policies))]
    public void What_was_stored_is_found_and_nothing_else(CachePolicy policy)
    {
        var cache = new ResponseCache(policy, 1 << 20, 1, seed: 1);
        for (var i = 0; i < 100; i++)
        {
            cache.Store(Requests.Response(Requests.Of(i), i));
        }

        for (var i = 0; i < 200; i++)
        {
            var request = Requests.Of(i);
            var found = cache.Find(RequestKeys.Hash(Requests.Hash, request), request, now: 0);
            Assert.Equal(i < 100 ? i : -1, found is null ? -1 : Requests.Number(found));
        }
    }

    [Fact]
    public void Equal_hashes_cost_a_miss_and_never_give_a_wrong_answer()
    {
        var cache = new ResponseCache(CachePolicy.LRU, 1 << 20, 1, seed: 1);
        UInt128 same = 42;
        cache.Store(Requests.Response(Requests.Of(1), 1, same));

        Assert.Null(cache.Find(same, Requests.Of(2), 0));
        Assert.Equal(1, Requests.Number(cache.Find(same, Requests.Of(1), 0)!));

        cache.Store(Requests.Response(Requests.Of(2), 2, same));

        Assert.Null(cache.Find(same, Requests.Of(1), 0));
        Assert.Equal(2, Requests.Number(cache.Find(same, Requests.Of(2), 0)!));
        Assert.Equal(1, cache.Content().Entries);
    }

    [Fact]
    public void A_response_is_given_until_it_is_as_old_as_is_allowed_and_the_limit_may_change()
    {
        var cache = new ResponseCache(CachePolicy.LRU, 1 << 20, 1, seed: 1) { TimeToLive = 100 };
        var request = Requests.Of(1);
        var hash = RequestKeys.Hash(Requests.Hash, request);
        cache.Store(Requests.Response(request, 1, storedAt: 1000));

        Assert.NotNull(cache.Find(hash, request, 1100));
        Assert.Null(cache.Find(hash, request, 1101));
        Assert.Equal(0, cache.Content().Entries);

        cache.Store(Requests.Response(request, 1, storedAt: 1000));
        cache.TimeToLive = long.MaxValue;
        Assert.NotNull(cache.Find(hash, request, 1_000_000_000));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void The_bytes_held_are_those_of_what_is_there_and_never_above_the_limit(CachePolicy policy)
    {
        const long BytesMax = 256 << 10;
        var random = new Random(5);
        var cache = new ResponseCache(policy, BytesMax, 1, seed: 1);
        for (var i = 0; i < 5000; i++)
        {
            var request = Requests.Of(random.Next(400), 16 + random.Next(400));
            cache.Store(Requests.Response(request, i, cost: 1 + random.Next(1000), bytes: 16 + random.Next(2000)));
            Assert.InRange(cache.Content().Bytes, 1, BytesMax);
        }

        var content = cache.Content();
        var held = cache.Hottest(long.MaxValue);
        Assert.Equal(content.Entries, held.Count);
        Assert.InRange(content.Bytes - held.Sum(static r => r.Bytes), 1, 80 << 10);
        Assert.InRange(content.Evictions, 1, 5000);
    }

    [Fact]
    public void A_response_takes_the_memory_that_is_counted_for_it()
    {
        var request = Requests.Of(1, 100);
        var content = new TensorContent(new long[] { 1, 25 }, new byte[100]);
        Make(0);
        foreach (var outputs in (int[])[1, 3])
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var response = Make(outputs);
            var taken = GC.GetAllocatedBytesForCurrentThread() - before;

            Assert.Equal(taken, response.Bytes);
        }

        CachedResponse Make(int outputs)
        {
            Span<TensorContent> span = [content, content, content];
            return CachedResponse.Copy(1, RequestKeys.Encode(request)!, span[..outputs], 1, 0)!;
        }
    }

    [Fact]
    public void A_response_larger_than_the_cache_is_not_taken()
    {
        var cache = new ResponseCache(CachePolicy.LRU, 64 << 10, 8, seed: 1);
        cache.Store(Requests.Response(Requests.Of(1), 1));
        cache.Store(Requests.Response(Requests.Of(2), 2, bytes: 65 << 10));

        Assert.Equal(1, cache.Content().Entries);
    }

    [Fact]
    public void The_hottest_are_those_that_saved_most_for_their_bytes()
    {
        var cache = new ResponseCache(CachePolicy.LRU, 1 << 20, 1, seed: 1);
        for (var i = 0; i < 10; i++)
        {
            var request = Requests.Of(i);
            cache.Store(Requests.Response(request, i));
            for (var hit = 0; hit < i; hit++)
            {
                cache.Find(RequestKeys.Hash(Requests.Hash, request), request, 0);
            }
        }

        var bytes = Requests.Response(Requests.Of(0), 0).Bytes;

        Assert.Equal([9, 8, 7], cache.Hottest((3 * bytes) + 1).Select(Requests.Number));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Finding_allocates_nothing(CachePolicy policy)
    {
        var cache = new ResponseCache(policy, 1 << 20, 4, seed: 1);
        var request = Requests.Of(1, 4096);
        var other = Requests.Of(2, 4096);
        cache.Store(Requests.Response(request, 1));
        Find(1000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var found = Find(1000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1000, found);

        int Find(int times)
        {
            var count = 0;
            for (var i = 0; i < times; i++)
            {
                count += cache.Find(RequestKeys.Hash(Requests.Hash, request), request, i) is null ? 0 : 1;
                count += cache.Find(RequestKeys.Hash(Requests.Hash, other), other, i) is null ? 0 : 1;
            }

            return count;
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Eight_threads_at_once_find_right_answers_within_the_limit(CachePolicy policy)
    {
        const long BytesMax = 2 << 20;
        var cache = new ResponseCache(policy, BytesMax, 4, seed: 1);
        var threads = Enumerable.Range(0, 8).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 4000; i++)
            {
                var number = Math.Min(random.Next(6000), random.Next(6000));
                var request = Requests.Of(number);
                var hash = RequestKeys.Hash(Requests.Hash, request);
                if (cache.Find(hash, request, i) is { } found)
                {
                    Assert.Equal(number, Requests.Number(found));
                }
                else
                {
                    cache.Store(Requests.Response(request, number, hash, cost: 1 + (number % 50), bytes: 64 + (number % 512)));
                }
            }
        })).ToArray();

        await Task.WhenAll(threads).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.InRange(cache.Content().Bytes, 1, BytesMax);
        Assert.Equal(cache.Content().Entries, cache.Hottest(long.MaxValue).Count);
    }
}
