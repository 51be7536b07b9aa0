using System.Diagnostics;
using InferenceOperator.Core.Scarcity;

namespace InferenceOperator.Benchmarks.Autoscaling.Scarcity;

/// <summary>Answers the asks of agents by one rule.</summary>
/// <param name="rule">The rule.</param>
/// <param name="gpus">GPUs of the pool.</param>
/// <param name="agents">Agents that share it.</param>
internal sealed class Divider(DivisionRule rule, int gpus, int agents)
{
    private readonly GpuPool _pool = new("gpu", Namespace: null, "nodes", gpus, UsedByOthers: 0);
    private readonly AskBook _book = new();
    private readonly SortedDictionary<string, ReplicaAsk> _asks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _held = new(StringComparer.Ordinal);

    /// <summary>Replicas that the agent was last given; at the start its minimum.</summary>
    public int HeldBy(string agent) => _held.GetValueOrDefault(agent, 1);

    public void Divide(ReplicaAsk ask)
    {
        if (rule is DivisionRule.Best)
        {
            DivideAll(ask);
            return;
        }

        var most = rule switch
        {
            DivisionRule.ByUtility => _book.Exchange(ask, _ => [_pool]).Replicas,
            DivisionRule.EqualShares => gpus / agents,
            DivisionRule.FirstCome => gpus - _held.Where(h => h.Key != ask.Agent).Sum(static h => h.Value),
            _ => throw new UnreachableException(),
        };
        _held[ask.Agent] = Math.Min(ask.Wanted, most);
    }

    // Nobody's loop runs apart here: whoever asks, all are given anew.
    private void DivideAll(ReplicaAsk ask)
    {
        _asks[ask.Agent] = ask;
        var division = BestDivision.Of(gpus, [.. _asks.Values.Select(static a => a.Utility)]);
        foreach (var (agent, replicas) in _asks.Keys.Zip(division))
        {
            _held[agent] = replicas;
        }
    }
}
