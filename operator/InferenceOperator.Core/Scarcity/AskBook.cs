namespace InferenceOperator.Core.Scarcity;

/// <summary>The latest ask of each agent. Whoever leaves one is told at once what it may run; the others hear of it with their own next ask.</summary>
/// <remarks>One owner; not thread safe. Holds one ask for each agent that was not forgotten.</remarks>
public sealed class AskBook
{
    private readonly Dictionary<string, ReplicaAsk> _asks = new(StringComparer.Ordinal);

    /// <summary>Takes the place of the agent's former ask, and divides.</summary>
    /// <param name="ask">What the agent would run now.</param>
    /// <param name="pools">The pools of the resource, given the agents that ask for it.</param>
    public Grant Exchange(ReplicaAsk ask, Func<IReadOnlyCollection<ReplicaAsk>, IReadOnlyCollection<GpuPool>> pools)
    {
        _asks[ask.Agent] = ask;
        var asking = _asks.Values.Where(other => other.Resource == ask.Resource).ToList();
        var from = pools(asking);
        var grant = from.All(pool => asking.Where(pool.Serves).Sum(static a => (long)a.Wanted * a.GpusPerReplica) <= pool.Free)
            ? new Grant(ask.Agent, ask.Wanted, Cut: null)
            : GpuDivision.Divide(from, asking).Single(g => g.Agent == ask.Agent);

        // Until its next ask it holds what it was given now.
        _asks[ask.Agent] = ask with { Held = grant.Replicas };
        return grant;
    }

    /// <summary>Forgets an agent that is gone: what it held is free.</summary>
    public void Forget(string agent) => _asks.Remove(agent);
}
