using System.Collections.Immutable;

namespace InferenceOperator.Benchmarks.Autoscaling.Scarcity;

/// <summary>What became of agents that shared GPUs.</summary>
/// <param name="Rule">Who got them.</param>
/// <param name="LostUtility">Mean of what each agent missed of a utility of 1.</param>
/// <param name="MeanGpus">GPUs given on the average.</param>
/// <param name="MovesPerHour">Replicas taken from an agent that wanted them, by hour.</param>
internal sealed record SharedResult(DivisionRule Rule, ImmutableArray<double> LostUtility, double MeanGpus, double MovesPerHour);
