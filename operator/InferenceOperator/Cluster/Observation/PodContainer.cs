using System.Collections.Immutable;

namespace InferenceOperator.Cluster.Observation;

/// <summary>A container as declared.</summary>
internal sealed record PodContainer
{
    public string Name { get; set; } = "";
    public string? Image { get; set; }
    public ImmutableArray<PodContainerPort> Ports { get; set; } = [];
}
