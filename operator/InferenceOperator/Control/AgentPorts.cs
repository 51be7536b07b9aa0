using InferenceOperator.Control.Scarcity;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Metrics;
using InferenceOperator.Workloads;

namespace InferenceOperator.Control;

/// <summary>What the loops of all agents share.</summary>
/// <param name="Workloads">Where replicas run.</param>
/// <param name="Metrics">Where counters are read.</param>
/// <param name="Client">Speaks to replicas.</param>
/// <param name="Status">Where status is written.</param>
/// <param name="Gpus">Divides scarce GPUs.</param>
/// <param name="Reports">Hears of every step.</param>
/// <param name="Logger">Hears of changes.</param>
/// <param name="Time">The clock.</param>
/// <param name="Tick">Longest time between two steps: 1 s on one machine, 5 s in a cluster.</param>
/// <param name="Prices">What devices cost; null: nobody said.</param>
/// <param name="Learned">Keeps what is learned over a restart; null: nothing is kept.</param>
internal sealed record AgentPorts(
    IWorkloads Workloads,
    IMetricSource Metrics,
    ReplicaClient Client,
    IStatusSink Status,
    GpuArbiter Gpus,
    IAgentReports Reports,
    ILogger Logger,
    SteadyTime Time,
    TimeSpan Tick,
    GpuPrices? Prices = null,
    ILearnedStore? Learned = null)
{
    /// <summary>Where the spans of turns go.</summary>
    public TurnTraces Turns { get; init; } = TurnTraces.None;

    /// <summary>Least time of one block of a roll-out's comparison.</summary>
    public TimeSpan RolloutBlock { get; init; } = RolloutControl.BlockLength;

    /// <summary>True: all replicas run on this machine.</summary>
    public bool IsOneMachine { get; init; }
}
