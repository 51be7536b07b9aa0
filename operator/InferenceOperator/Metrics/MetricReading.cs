using System.Collections.Immutable;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Metrics;

/// <summary>What came of reading the counters of one agent.</summary>
/// <param name="Samples">The replicas that could be read.</param>
/// <param name="Failure">Why one or more ready replicas could not, for people; null when all could.</param>
internal sealed record MetricReading(ImmutableArray<ReplicaSample> Samples, string? Failure);
