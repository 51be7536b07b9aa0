using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;

namespace InferenceRuntime.Core.Tests.Caching;

public sealed class PolicyTests
{
    private const int Steps = 4000;
    private const int Keys = 120;

    public static TheoryData<CachePolicy, int> ModelledAndSeeds => Cross([CachePolicy.LRU, CachePolicy.LFU, CachePolicy.SIEVE, CachePolicy.S3FIFO], 8);

    public static TheoryData<CachePolicy, int> PoliciesAndSeeds => Cross([.. Enum.GetValues<CachePolicy>().Where(static p => p != CachePolicy.None)], 4);

    [Theory]
    [MemberData(nameof(ModelledAndSeeds))]
    public void A_policy_gives_up_exactly_what_its_plain_model_gives_up(CachePolicy policy, int seed)
    {
        // Half of the seeds with entries of equal weight, where the policy is the one of its paper.
        var random = new Random(seed);
        var bytesMax = 40 * 64L;
        var tested = EvictionPolicies.Create(policy, bytesMax, (ulong)seed);
        var model = PolicyModel.Of(policy, bytesMax);
        var held = new Dictionary<int, CacheEntry>();
        for (var step = 0; step < Steps; step++)
        {
            var key = Math.Min(random.Next(Keys), random.Next(Keys));
            if (held.TryGetValue(key, out var entry) && random.Next(50) == 0)
            {
                held.Remove(key);
                tested.Remove(entry);
                model.Remove(entry);
            }
            else if (entry is not null)
            {
                tested.Hit(entry);
                model.Hit(entry);
            }
            else
            {
                entry = seed % 2 == 0 ? Entry(key, 64, 1) : Entry(key, 16 << (key % 5), 1 << (key % 7));
                held.Add(key, entry);
                tested.Insert(entry);
                model.Insert(entry);
                while (held.Values.Sum(static e => e.Bytes) > bytesMax)
                {
                    var victim = tested.Evict();
                    Assert.True(model.Evict() == victim, $"another choice in step {step}, seed {seed}");
                    held.Remove(KeyOf(victim!));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(PoliciesAndSeeds))]
    public void Every_policy_knows_all_that_was_inserted_and_only_that(CachePolicy policy, int seed)
    {
        var random = new Random(seed);
        var tested = EvictionPolicies.Create(policy, 2000, (ulong)seed);
        var held = new HashSet<CacheEntry>();
        for (var step = 0; step < Steps; step++)
        {
            switch (random.Next(4))
            {
                case 0 when held.Count > 0:
                    tested.Hit(held.ElementAt(random.Next(held.Count)));
                    break;
                case 1 when held.Count > 0 && random.Next(4) == 0:
                    var removed = held.ElementAt(random.Next(held.Count));
                    held.Remove(removed);
                    tested.Remove(removed);
                    break;
                default:
                    var entry = Entry(random.Next(100_000), 1 + random.Next(300), 1 + random.Next(1000));
                    held.Add(entry);
                    tested.Insert(entry);
                    while (held.Sum(static e => e.Bytes) > 2000)
                    {
                        Assert.True(held.Remove(tested.Evict()!), $"gave up what was not there: step {step}, seed {seed}");
                    }

                    break;
            }
        }

        while (tested.Evict() is { } victim)
        {
            Assert.True(held.Remove(victim), $"seed {seed}");
        }

        Assert.Empty(held);
    }

    [Theory]
    [MemberData(nameof(PoliciesAndSeeds))]
    public void Equal_calls_and_seeds_give_equal_choices(CachePolicy policy, int seed)
    {
        var first = Victims();

        Assert.NotEmpty(first);
        Assert.Equal(first, Victims());

        List<UInt128> Victims()
        {
            var random = new Random(seed);
            var tested = EvictionPolicies.Create(policy, 6400, (ulong)seed);
            var held = new Dictionary<int, CacheEntry>();
            var victims = new List<UInt128>();
            for (var step = 0; step < Steps; step++)
            {
                var key = Math.Min(random.Next(400), random.Next(400));
                if (held.TryGetValue(key, out var entry))
                {
                    tested.Hit(entry);
                    continue;
                }

                held.Add(key, entry = Entry(key, 64, 1 + (key % 9)));
                tested.Insert(entry);
                while (held.Count > 100 && tested.Evict() is { } victim)
                {
                    held.Remove(KeyOf(victim));
                    victims.Add(victim.Hash);
                }
            }

            return victims;
        }
    }

    [Theory]
    [MemberData(nameof(PoliciesAndSeeds))]
    public void What_costs_more_to_compute_and_takes_less_memory_is_kept_longer(CachePolicy policy, int seed)
    {
        var random = new Random(seed);
        var tested = EvictionPolicies.Create(policy, 64_000, (ulong)seed);
        var held = new Dictionary<int, CacheEntry>();
        var hits = new int[2];
        for (var step = 0; step < 20_000; step++)
        {
            // Even keys are eight times as dense as odd ones and asked for as often.
            var key = random.Next(1000);
            if (held.TryGetValue(key, out var entry))
            {
                tested.Hit(entry);
                hits[key % 2]++;
                continue;
            }

            held.Add(key, entry = key % 2 == 0 ? Entry(key, 128, 800) : Entry(key, 256, 200));
            tested.Insert(entry);
            while (held.Values.Sum(static e => e.Bytes) > 64_000 && tested.Evict() is { } victim)
            {
                held.Remove(KeyOf(victim));
            }
        }

        Assert.True(hits[0] > 1.1 * hits[1], $"dense {hits[0]}, light {hits[1]}, seed {seed}");
    }

    [Theory]
    [MemberData(nameof(PoliciesAndSeeds))]
    public void The_tables_of_a_policy_stay_small_whatever_passes_through(CachePolicy policy, int seed)
    {
        var tested = EvictionPolicies.Create(policy, 1000 * 1024L, (ulong)seed);
        for (var key = 0; key < 100_000; key++)
        {
            tested.Insert(Entry(key, 1024, 100));
            if (key >= 1000)
            {
                tested.Evict();
            }
        }

        Assert.InRange(tested.OverheadBytes, 0, 1000 * 160);
    }

    private static TheoryData<CachePolicy, int> Cross(CachePolicy[] policies, int seeds)
    {
        var data = new TheoryData<CachePolicy, int>();
        foreach (var policy in policies)
        {
            for (var seed = 1; seed <= seeds; seed++)
            {
                data.Add(policy, seed);
            }
        }

        return data;
    }

    private static CacheEntry Entry(int key, long bytes, double cost) =>
        new(new UInt128((ulong)key, (ulong)key * 0x9E37_79B9_7F4A_7C15), bytes, cost);

    private static int KeyOf(CacheEntry entry) => (int)(entry.Hash >> 64);
}
