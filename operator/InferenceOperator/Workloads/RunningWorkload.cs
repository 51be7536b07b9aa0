using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Workloads;

/// <summary>What runs for one agent, and how to reach it.</summary>
/// <param name="Observation">What the control step looks at.</param>
/// <param name="Replicas">How to reach the replicas that have addresses; a subset of the observation's replicas.</param>
internal sealed record RunningWorkload(WorkloadObservation Observation, ImmutableArray<ReplicaAccess> Replicas)
{
    /// <summary>By revision, the manifest with what its replicas were started from; those that are not here are as the manifest says.</summary>
    public ImmutableDictionary<RevisionName, AgentSpec> Declared { get; init; } = ImmutableDictionary<RevisionName, AgentSpec>.Empty;

    /// <summary>False: what opens the replicas' ports is not there at the moment.</summary>
    public bool IsReachable { get; init; } = true;

    /// <summary>Nothing runs.</summary>
    public static RunningWorkload Nothing { get; } = new(WorkloadObservation.Nothing, []);
}
