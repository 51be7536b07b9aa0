using System.Collections.Immutable;

namespace InferenceOperator.Cluster.Observation;

/// <summary>The part of a Pod's spec that the operator looks at.</summary>
internal sealed record PodSpecState
{
    public ImmutableArray<PodContainer> Containers { get; set; } = [];
}
