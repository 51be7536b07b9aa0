using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace InferenceOperator.Core.Scarcity;

/// <summary>Divides scarce GPUs among agents: minima first, then by priority, then by what a GPU adds to predicted utility.</summary>
/// <remarks>
/// Pure: equal pools and asks give equal grants, in whatever order they come. Replica by replica, in one order that does not
/// depend on how large the pools are; a replica that does not fit is passed over, with all further ones of its agent. So what is given never exceeds a pool,
/// and where every replica takes the same number of GPUs a larger pool takes nothing from anybody. Utility is taken as its concave majorant
/// (<see cref="ConcaveGains"/>): the order is then optimal, but for the one agent of each priority at which the pool ends.
/// Cost: n log n for n replicas asked for.
/// </remarks>
public static class GpuDivision
{
    /// <summary>The grants, by agent.</summary>
    /// <param name="pools">Any number; a resource that none of them names is not scarce.</param>
    /// <param name="asks">At most one of each agent.</param>
    public static ImmutableArray<Grant> Divide(IEnumerable<GpuPool> pools, IEnumerable<ReplicaAsk> asks)
    {
        // The narrowest first, so that it is the one that is named where several are full.
        var levels = pools.OrderBy(static p => p.Namespace is null).ThenBy(static p => p.Free).ThenBy(static p => p.Origin, StringComparer.Ordinal).Select(static p => new Level(p)).ToList();
        var takers = asks.OrderBy(static a => a.Agent, StringComparer.Ordinal).Select(a => new Taker(a, [.. levels.Where(l => a.GpusPerReplica > 0 && l.Pool.Serves(a))])).ToList();
        foreach (var step in Steps(takers))
        {
            takers[step.Taker].Take(step.Replica);
        }

        return [.. takers.Select(taker => new Grant(taker.Ask.Agent, taker.Given, Cut(taker, takers)))];
    }

    private static List<Step> Steps(List<Taker> takers)
    {
        var steps = new List<Step>();
        for (var i = 0; i < takers.Count; i++)
        {
            var ask = takers[i].Ask;
            var least = ask.IsFixed ? ask.Wanted : Math.Min(ask.MinReplicas, ask.Wanted);
            Add(ask.IsFixed ? Phase.SetElsewhere : Phase.Minima, 0, least);
            Add(Phase.Wishes, least, ask.Wanted);

            void Add(Phase phase, int from, int to)
            {
                var gains = ConcaveGains.Of(ask, from, to);
                for (var n = 0; n < gains.Length; n++)
                {
                    steps.Add(new(phase, ask.Priority, gains[n] / Math.Max(1, ask.GpusPerReplica), from + n + 1 <= ask.Held, i, from + n + 1));
                }
            }
        }

        CollectionsMarshal.AsSpan(steps).Sort();
        return steps;
    }

    private static Shortage? Cut(Taker taker, List<Taker> takers)
    {
        if (taker.Refused is not { } refused)
        {
            return null;
        }

        var pool = refused.By.Pool;
        var sharers = takers.Where(t => t.Levels.Contains(refused.By)).ToList();
        var asked = sharers.Sum(static t => (long)t.Ask.Wanted * t.Ask.GpusPerReplica);
        var rival = sharers.Where(t => t != taker && t.Given > 0)
            .OrderByDescending(static t => t.Given * t.Ask.GpusPerReplica)
            .Select(t => new Rival(t.Ask.Agent, t.Given, Standing(t, taker.Ask)))
            .FirstOrDefault();
        return new Shortage(taker.Ask.Wanted, taker.Given, pool, (int)Math.Min(asked - pool.Free, int.MaxValue), refused.Takes, rival);
    }

    private static RivalStanding Standing(Taker rival, ReplicaAsk loser) =>
        rival.Ask.IsFixed ? RivalStanding.SetElsewhere
        : rival.Ask.Priority > loser.Priority ? RivalStanding.HigherPriority
        : rival.Ask.Priority < loser.Priority || rival.Given <= rival.Ask.MinReplicas ? RivalStanding.KeepsMinimum
        : RivalStanding.GainsMore;

    private enum Phase
    {
        SetElsewhere,
        Minima,
        Wishes,
    }

    /// <summary>One replica of one agent, in the order of giving.</summary>
    private readonly record struct Step(Phase Phase, int Priority, double Gain, bool IsHeld, int Taker, int Replica) : IComparable<Step>
    {
        public int CompareTo(Step other)
        {
            var order = Phase.CompareTo(other.Phase);
            order = order != 0 ? order : other.Priority.CompareTo(Priority);
            order = order != 0 ? order : other.Gain.CompareTo(Gain);
            order = order != 0 ? order : other.IsHeld.CompareTo(IsHeld);
            order = order != 0 ? order : Taker.CompareTo(other.Taker);
            return order != 0 ? order : Replica.CompareTo(other.Replica);
        }
    }

    /// <summary>What is left of a pool, and what was asked of it in vain so far.</summary>
    private sealed class Level(GpuPool pool)
    {
        public GpuPool Pool => pool;

        public int Left { get; set; } = pool.Free;

        public int Refused { get; set; }
    }

    /// <summary>What an agent was given so far.</summary>
    private sealed class Taker(ReplicaAsk ask, ImmutableArray<Level> levels)
    {
        public ReplicaAsk Ask => ask;

        public ImmutableArray<Level> Levels => levels;

        public int Given { get; private set; }

        /// <summary>The pool that ran out, and the GPUs refused from it up to this agent's last replica.</summary>
        public (Level By, int Takes)? Refused { get; private set; }

        public void Take(int replica)
        {
            var full = Refused?.By ?? levels.FirstOrDefault(l => l.Left < ask.GpusPerReplica);
            if (full is not null)
            {
                full.Refused += ask.GpusPerReplica;
                Refused = (full, full.Refused);
                return;
            }

            Given = replica;
            foreach (var level in levels)
            {
                level.Left -= ask.GpusPerReplica;
            }
        }
    }
}
