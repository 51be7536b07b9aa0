using System.Collections.Immutable;

namespace InferenceOperator.Cluster.Observation;

/// <summary>The part of a Pod's metadata that the operator looks at.</summary>
internal sealed record PodMetadata
{
    public string Name { get; set; } = "";
    public string Namespace { get; set; } = "";
    public string Uid { get; set; } = "";
    public DateTimeOffset CreationTimestamp { get; set; }
    public DateTimeOffset? DeletionTimestamp { get; set; }
    public ImmutableSortedDictionary<string, string>? Labels { get; set; }
}
