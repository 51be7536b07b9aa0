using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Scarcity;

namespace InferenceOperator.Control.Scarcity;

/// <summary>Where the asks of all agents meet: each control step leaves its own and is told at once what it may run.</summary>
/// <remarks>Safe for several threads. Nobody waits for anybody else's step: a division is made from the latest asks, in at most some milliseconds.</remarks>
/// <param name="pools">What there is.</param>
internal sealed class GpuArbiter(IGpuPools pools)
{
    private readonly Lock _gate = new();

    // Under the gate.
    private readonly AskBook _asks = new();

    /// <summary>What a control step of the agent asks; null: it takes nothing that may be scarce.</summary>
    public Func<ReplicaAsk, Grant>? For(InferenceAgent agent)
    {
        if (pools.Bound(agent))
        {
            return Divide;
        }

        Forget(agent.Key());
        return null;
    }

    /// <summary>Forgets an agent that is gone: what it held is free.</summary>
    public void Forget(string agent)
    {
        lock (_gate)
        {
            _asks.Forget(agent);
        }
    }

    private Grant Divide(ReplicaAsk ask)
    {
        ask = pools.Counted(ask);
        lock (_gate)
        {
            return _asks.Exchange(ask, asking => pools.Of(ask.Resource, asking));
        }
    }
}
