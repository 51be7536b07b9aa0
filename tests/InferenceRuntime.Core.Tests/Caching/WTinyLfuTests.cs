using System.Buffers.Binary;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using Xunit.Abstractions;

namespace InferenceRuntime.Core.Tests.Caching;

/// <summary>The policy of the program against the one of the paper, by what both are for: hits.</summary>
public sealed class WTinyLfuTests(ITestOutputHelper output)
{
    private const int Capacity = 500;
    private const int Keys = 10_000;
    private const int Requests = 120_000;

    /// <summary>Requests at the beginning that are not counted: both begin empty.</summary>
    private const int WarmUp = 20_000;

    /// <summary>How far the hit ratios may be apart: the policy moves its window and lets some in by lot, the model does neither.</summary>
    private const double Tolerance = 0.015;

    [Theory]
    [InlineData(0.7, 1)]
    [InlineData(0.7, 2)]
    [InlineData(0.9, 3)]
    [InlineData(0.9, 4)]
    [InlineData(1.1, 5)]
    [InlineData(1.1, 6)]
    public void Zipf_traffic_hits_as_often_as_in_the_plain_model(double exponent, int seed) => Compare($"Zipf {exponent}", Zipf(exponent, new Random(seed)), seed);

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public void Zipf_traffic_crossed_by_sweeps_hits_as_often_as_in_the_plain_model(int seed)
    {
        // After each 2,000 requests a sweep of 2,000 keys that are never asked for again.
        var zipf = Zipf(0.9, new Random(seed)).ToList();
        var trace = Enumerable.Range(0, Requests).Select(i => i / 2000 % 2 == 0 ? zipf[i] : Keys + i);

        var policy = Compare("scan", trace, seed);

        Assert.True(policy > Lru(trace) + 0.01, $"no better than LRU, seed {seed}");
    }

    [Fact]
    public void The_model_keeps_what_is_asked_for_often_through_a_sweep()
    {
        var model = new WTinyLfuModel(100, seed: 1);
        for (var i = 0; i < 1000; i++)
        {
            model.Ask(i % 50);
        }

        for (var key = 1000; key < 1300; key++)
        {
            Assert.False(model.Ask(key));
        }

        Assert.All(Enumerable.Range(0, 50), key => Assert.True(model.Ask(key)));
    }

    private double Compare(string name, IEnumerable<int> trace, int seed)
    {
        var requests = trace.ToList();
        var model = new WTinyLfuModel(Capacity, seed);
        var expected = Ratio(requests, model.Ask);
        var actual = Ratio(requests, Asking(EvictionPolicies.Create(CachePolicy.WTinyLFU, Capacity * 64L, (ulong)seed)));
        output.WriteLine($"{name}: policy {actual:P2}, model {expected:P2}, seed {seed}");
        Assert.True(Math.Abs(actual - expected) <= Tolerance, $"{name}: policy {actual:P2}, model {expected:P2}, seed {seed}");
        return actual;
    }

    private static double Lru(IEnumerable<int> trace) => Ratio([.. trace], Asking(EvictionPolicies.Create(CachePolicy.LRU, Capacity * 64L, seed: 0)));

    private static double Ratio(List<int> requests, Func<int, bool> ask) =>
        requests.Select(ask).Skip(WarmUp).Average(static hit => hit ? 1.0 : 0.0);

    private static Func<int, bool> Asking(IEvictionPolicy policy)
    {
        var held = new Dictionary<int, KeyedEntry>();
        var hashes = new Dictionary<int, UInt128>();
        var random = new Random(1);
        return key =>
        {
            if (held.TryGetValue(key, out var entry))
            {
                policy.Hit(entry);
                return true;
            }

            held[key] = entry = new KeyedEntry(key, HashOf(key));
            policy.Insert(entry);
            while (held.Count > Capacity)
            {
                held.Remove(((KeyedEntry)policy.Evict()!).Key); // It holds something.
            }

            return false;
        };

        // Drawn when the key first comes: one of a key that comes again is the same.
        UInt128 HashOf(int key)
        {
            if (!hashes.TryGetValue(key, out var hash))
            {
                Span<byte> bytes = stackalloc byte[16];
                random.NextBytes(bytes);
                hashes[key] = hash = BinaryPrimitives.ReadUInt128LittleEndian(bytes);
            }

            return hash;
        }
    }

    /// <summary>Keys whose frequencies fall with the power of their rank.</summary>
    private static IEnumerable<int> Zipf(double exponent, Random random)
    {
        var sums = new double[Keys];
        for (var rank = 0; rank < Keys; rank++)
        {
            sums[rank] = (rank == 0 ? 0 : sums[rank - 1]) + Math.Pow(rank + 1, -exponent);
        }

        for (var i = 0; i < Requests; i++)
        {
            var place = Array.BinarySearch(sums, random.NextDouble() * sums[^1]);
            yield return place < 0 ? ~place : place;
        }
    }

    private sealed class KeyedEntry(int key, UInt128 hash) : CacheEntry(hash, 64, 1)
    {
        public int Key => key;
    }
}
