using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;

namespace InferenceOperator.Benchmarks.Caching;

/// <summary>Plays a trace against a policy.</summary>
internal static class Replay
{
    /// <param name="trace">The trace; the first tenth warms the cache and is not counted.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="bytesMax">What the entries and the policy's tables may take.</param>
    /// <param name="seed">The policy's seed.</param>
    public static HitRatios Run(Trace trace, CachePolicy policy, long bytesMax, ulong seed)
    {
        var choice = EvictionPolicies.Create(policy, bytesMax, seed);
        var held = new CacheEntry?[trace.Items.Length];
        var indices = new Dictionary<UInt128, int>();
        var ratios = new RatioCount(trace);
        var bytes = 0L;
        for (var i = 0; i < trace.Requests.Length; i++)
        {
            var index = trace.Requests[i];
            var item = trace.Items[index];
            if (held[index] is { } entry)
            {
                choice.Hit(entry);
                ratios.Add(i, item, isHit: true);
                continue;
            }

            ratios.Add(i, item, isHit: false);
            entry = new CacheEntry(HashOf(index), item.Bytes, item.Cost);
            held[index] = entry;
            indices[entry.Hash] = index;
            bytes += item.Bytes;
            choice.Insert(entry);
            while (bytes + choice.OverheadBytes > bytesMax && choice.Evict() is { } victim)
            {
                bytes -= victim.Bytes;
                held[indices[victim.Hash]] = null;
            }
        }

        return ratios.Ratios;
    }

    private static UInt128 HashOf(int index)
    {
        // Two rounds of a mixer whose outputs are all different.
        return new UInt128(Mix((ulong)index + 1), Mix(~(ulong)index));
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
