using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Scarcity;

namespace InferenceOperator.Control.Scarcity;

/// <summary>What GPUs there are for agents, as this back end knows them.</summary>
/// <remarks>Safe for several threads; answers from what is known, without waiting.</remarks>
internal interface IGpuPools
{
    /// <summary>Whether replicas of the agent take anything that may be scarce.</summary>
    bool Bound(InferenceAgent agent);

    /// <summary>The ask in the units of the pools.</summary>
    ReplicaAsk Counted(ReplicaAsk ask);

    /// <summary>The pools of a resource.</summary>
    /// <param name="resource">The resource's name, as <see cref="Counted"/> gives it.</param>
    /// <param name="asking">The agents that ask for it; what others hold is not theirs to have.</param>
    IReadOnlyList<GpuPool> Of(string resource, IReadOnlyCollection<ReplicaAsk> asking);
}
