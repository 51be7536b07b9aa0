namespace InferenceOperator.Core.Observation;

/// <summary>One reading of one replica's counters.</summary>
/// <param name="Replica">Name of the replica: the pod's, or the local replica's; equals <see cref="ReplicaObservation.Name"/>.</param>
/// <param name="SampledAt">When the replica was read: Prometheus' timestamp of the sample, or the time of the scrape.</param>
/// <param name="Source">Who read it.</param>
/// <param name="Counters">What it said.</param>
public sealed record ReplicaSample(string Replica, DateTimeOffset SampledAt, MetricSource Source, RuntimeCounters Counters);
