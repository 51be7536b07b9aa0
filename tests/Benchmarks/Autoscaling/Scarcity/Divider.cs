using System.Diagnostics;
using InferenceOperator.Core.Scarcity;

namespace InferenceOperator.Benchmarks.Autoscaling.Scarcity;

/// <summary>Answers the asks of agents by one rule.</summary>
/// <param name="rule">The rule.</param>
/// <param name="gpus">GPUs of the pool; not looked at where there are enough.</param>
/// <param name="agents">Agents that share it.</param>
internal sealed class Divider(DivisionRule rule, int gpus, int agents)
{
    private readonly GpuPool _pool = new("gpu", Namespace: null, "nodes", gpus, UsedByOthers: 0);
    private readonly AskBook _book = new();
    private readonly Dictionary<string, int> _held = new(StringComparer.Ordinal);

    /// <summary>What each agent would run by its own plan, as it last asked.</summary>
    public Dictionary<string, int> Wanted { get; } = new(StringComparer.Ordinal);

    public Grant Divide(ReplicaAsk ask)
    {
        ask = ask with { Resource = "gpu", GpusPerReplica = 1 };
        Wanted[ask.Agent] = ask.Wanted;
        var most = rule switch
        {
            DivisionRule.Unbounded => ask.Wanted,
            DivisionRule.ByUtility => _book.Exchange(ask, _ => [_pool]).Replicas,
            DivisionRule.EqualShares => gpus / agents,
            DivisionRule.FirstCome => gpus - _held.Where(h => h.Key != ask.Agent).Sum(static h => h.Value),
            _ => throw new UnreachableException(),
        };
        var given = Math.Min(ask.Wanted, most);
        _held[ask.Agent] = given;
        return new(ask.Agent, given, given < ask.Wanted ? new Shortage(ask.Wanted, given, _pool, 0, 0, Rival: null) : null);
    }
}
