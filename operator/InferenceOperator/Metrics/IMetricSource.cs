using System.Collections.Immutable;
using InferenceOperator.Core.Resource;
using InferenceOperator.Workloads;

namespace InferenceOperator.Metrics;

/// <summary>Where the cumulative counters of replicas are read.</summary>
/// <remarks>Thread safe; called for many agents concurrently.</remarks>
internal interface IMetricSource
{
    /// <summary>Usual time between two samples of one replica.</summary>
    TimeSpan Interval { get; }

    /// <summary>Reads the counters of one agent's replicas, once.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="replicas">Its replicas; those that are not up yet may be passed over without being called a failure.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>What could be read, and why the rest could not. A failed reading is an everyday answer, never an exception.</returns>
    ValueTask<MetricReading> ReadAsync(InferenceAgent agent, ImmutableArray<ReplicaAccess> replicas, CancellationToken cancellationToken);
}
