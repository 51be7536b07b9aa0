using System.Collections.Immutable;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Workloads;

/// <summary>What runs for one agent, and how to reach it.</summary>
/// <param name="Observation">What the control step looks at.</param>
/// <param name="Replicas">How to reach the replicas that have addresses; a subset of the observation's replicas.</param>
internal sealed record RunningWorkload(WorkloadObservation Observation, ImmutableArray<ReplicaAccess> Replicas)
{
    /// <summary>Nothing runs.</summary>
    public static RunningWorkload Nothing { get; } = new(WorkloadObservation.Nothing, []);
}
