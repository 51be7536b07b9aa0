using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Scarcity;

namespace InferenceOperator.Core.Control;

/// <summary>All that one control step may look at.</summary>
public sealed record ControlInput
{
    /// <summary>The resource, checked and defaulted; its status is read only on the controller's first step.</summary>
    public required InferenceAgent Agent { get; init; }

    public required WorkloadObservation Workload { get; init; }

    /// <summary>Samples that came since the last step, of any replica and either source; order and duplicates do not matter.</summary>
    public ImmutableArray<ReplicaSample> Samples { get; init; } = [];

    /// <summary>Usual time between two samples of one replica.</summary>
    public required TimeSpan MetricInterval { get; init; }

    /// <summary>What devices cost; null: nobody said, all cost the same.</summary>
    public GpuPrices? Prices { get; init; }

    /// <summary>Why the metric source gave nothing; shown to people. Null: it did not fail.</summary>
    public string? MetricFailure { get; init; }

    /// <summary>Divides scarce GPUs: takes what the agent would run, answers at once with what it may. Null: it takes nothing that is scarce.</summary>
    public Func<ReplicaAsk, Grant>? Divide { get; init; }
}
