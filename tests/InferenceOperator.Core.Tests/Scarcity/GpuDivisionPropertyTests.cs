using System.Collections.Immutable;
using InferenceOperator.Core.Scarcity;
using static InferenceOperator.Core.Tests.Scarcity.Asks;

namespace InferenceOperator.Core.Tests.Scarcity;

/// <summary>What holds for any pools and asks; each case names its seed.</summary>
public sealed class GpuDivisionPropertyTests
{
    private const int Cases = 3000;

    [Fact]
    public void No_pool_gives_more_than_it_has_and_no_agent_gets_more_than_it_wants() => ForAll((_, pools, asks) =>
    {
        var grants = GpuDivision.Divide(pools, asks);
        Assert.All(asks, ask => Assert.InRange(grants.ReplicasOf(ask.Agent), 0, ask.Wanted));
        Assert.All(pools, pool => Assert.True(asks.Where(pool.Serves).Sum(a => grants.ReplicasOf(a.Agent) * a.GpusPerReplica) <= pool.Free));
    }, oneSize: false);

    [Fact]
    public void The_order_of_agents_and_pools_changes_nothing() => ForAll((random, pools, asks) =>
    {
        var (otherPools, otherAsks) = (pools.ToArray(), asks.ToArray());
        random.Shuffle(otherPools);
        random.Shuffle(otherAsks);
        Assert.Equal<Grant>(GpuDivision.Divide(pools, asks), GpuDivision.Divide(otherPools, otherAsks));
    }, oneSize: false);

    [Fact]
    public void No_agent_is_below_its_need_while_one_of_lower_priority_has_more_than_its_minimum_of_the_same_pool() => ForAll((_, pools, asks) =>
    {
        var grants = GpuDivision.Divide(pools, asks);
        foreach (var grant in grants.Where(g => g.Cut is not null))
        {
            var ask = asks.Single(a => a.Agent == grant.Agent);
            var lower = asks.Where(a => a.Priority < ask.Priority && grant.Cut!.Pool.Serves(a) && grants.ReplicasOf(a.Agent) > Math.Min(a.MinReplicas, a.Wanted));
            Assert.Empty(lower);
        }
    });

    [Fact]
    public void Every_agent_keeps_its_minimum_while_all_minima_fit() => ForAll((_, pools, asks) =>
    {
        if (pools.Any(pool => asks.Where(pool.Serves).Sum(a => Math.Min(a.MinReplicas, a.Wanted)) > pool.Free))
        {
            return;
        }

        var grants = GpuDivision.Divide(pools, asks);
        Assert.All(asks, ask => Assert.True(grants.ReplicasOf(ask.Agent) >= Math.Min(ask.MinReplicas, ask.Wanted)));
    });

    [Fact]
    public void More_gpus_take_nothing_from_anybody() => ForAll((random, pools, asks) =>
    {
        var shared = pools.Where(p => p.Namespace is null).ToList();
        var grown = shared[random.Next(shared.Count)];
        var (fewer, more) = (GpuDivision.Divide(pools, asks), GpuDivision.Divide(pools.Replace(grown, grown with { Gpus = grown.Gpus + 1 }), asks));
        Assert.All(fewer, grant => Assert.True(more.ReplicasOf(grant.Agent) >= grant.Replicas, grant.Agent));
    });

    [Fact]
    public void A_larger_quota_takes_nothing_from_its_namespace() => ForAll((random, pools, asks) =>
    {
        var quota = pools.Single(p => p.Namespace is not null);
        var (fewer, more) = (GpuDivision.Divide(pools, asks), GpuDivision.Divide(pools.Replace(quota, quota with { Gpus = quota.Gpus + 1 }), asks));
        Assert.All(fewer.Where(g => g.Agent.StartsWith(quota.Namespace!, StringComparison.Ordinal)), grant => Assert.True(more.ReplicasOf(grant.Agent) >= grant.Replicas, grant.Agent));
    });

    [Fact]
    public void Granted_what_it_holds_the_next_division_changes_nothing() => ForAll((_, pools, asks) =>
    {
        var first = GpuDivision.Divide(pools, asks);
        var settled = asks.Select(a => a with { Held = first.ReplicasOf(a.Agent) }).ToList();
        Assert.Equal(first.Select(g => g.Replicas), GpuDivision.Divide(pools, settled).Select(g => g.Replicas));
    }, concave: true);

    [Fact]
    public void What_a_cut_agent_is_said_to_take_gives_it_all() => ForAll((_, _, asks) =>
    {
        var pool = Pool(9);
        foreach (var grant in GpuDivision.Divide([pool], asks).Where(g => g.Cut is not null))
        {
            var takes = grant.Cut!.Takes;
            Assert.Null(GpuDivision.Divide([pool with { Gpus = pool.Gpus + takes }], asks).Single(g => g.Agent == grant.Agent).Cut);
            Assert.NotNull(GpuDivision.Divide([pool with { Gpus = pool.Gpus + takes - 1 }], asks).Single(g => g.Agent == grant.Agent).Cut);
        }
    });

    [Fact]
    public void Of_concave_utilities_none_of_all_divisions_is_better()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            var asks = Draw(random, concave: true, agents: 4).Select(a => a with { Priority = 0, Held = 0, MinReplicas = 0, Wanted = Math.Min(a.Wanted, 5), Utility = [.. a.Utility.Take(6)] }).ToImmutableArray();
            ImmutableArray<GpuPool> pools = [Pool(random.Next(0, 12)), Pool(random.Next(0, 6), ns: "ads"), Pool(random.Next(0, 3), resource: Slice)];
            var grants = GpuDivision.Divide(pools, asks);

            var given = asks.Sum(a => a.Utility[grants.ReplicasOf(a.Agent)]);

            Assert.True(given >= Best(pools, asks, []) - 1e-12, $"seed {seed}");
        }
    }

    [Fact]
    public void Of_other_utilities_at_most_one_agent_of_a_pool_falls_short_of_the_best()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            var asks = Draw(random, concave: false, agents: 4).Select(a => a with { Priority = 0, Held = 0, MinReplicas = 0, Resource = Gpu, Wanted = Math.Min(a.Wanted, 5), Utility = [.. a.Utility.Take(6)] }).ToImmutableArray();
            var grants = GpuDivision.Divide([Pool(random.Next(0, 12))], asks);

            var hidden = asks.Sum(a => Majorant(a)[grants.ReplicasOf(a.Agent)] - a.Utility[grants.ReplicasOf(a.Agent)] > 1e-12 ? 1 : 0);

            Assert.True(hidden <= 1, $"seed {seed}: {hidden} agents end between two corners");
        }

        static double[] Majorant(ReplicaAsk ask)
        {
            var sum = 0.0;
            return [0, .. ConcaveGains.Of(ask, 0, ask.Wanted).Select(gain => sum += gain)];
        }
    }

    private static double Best(ImmutableArray<GpuPool> pools, ImmutableArray<ReplicaAsk> asks, ImmutableArray<int> chosen)
    {
        if (pools.Any(p => asks.Take(chosen.Length).Select((a, i) => p.Serves(a) ? chosen[i] : 0).Sum() > p.Free))
        {
            return double.NegativeInfinity;
        }

        return chosen.Length == asks.Length
            ? asks.Select((a, i) => a.Utility[chosen[i]]).Sum()
            : Enumerable.Range(0, asks[chosen.Length].Wanted + 1).Max(n => Best(pools, asks, chosen.Add(n)));
    }

    private static void ForAll(Action<Random, ImmutableArray<GpuPool>, ImmutableArray<ReplicaAsk>> check, bool oneSize = true, bool concave = false)
    {
        for (var seed = 1; seed <= Cases; seed++)
        {
            var random = new Random(seed);
            var asks = Draw(random, concave, random.Next(1, 7), oneSize);
            ImmutableArray<GpuPool> pools = [Pool(random.Next(0, 30), random.Next(0, 6)), Pool(random.Next(0, 12), ns: "ads"), Pool(random.Next(0, 8), resource: Slice)];
            try
            {
                check(random, pools, asks);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}: {string.Join(", ", pools)}; {string.Join(", ", asks)}", e);
            }
        }
    }
}
