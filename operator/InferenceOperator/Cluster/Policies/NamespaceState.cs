using System.Collections.Immutable;

namespace InferenceOperator.Cluster.Policies;

/// <summary>What is read of a namespace.</summary>
internal sealed record NamespaceState
{
    public NamespaceMetadata Metadata { get; set; } = new();

    /// <summary>Its labels.</summary>
    internal sealed record NamespaceMetadata
    {
        public ImmutableSortedDictionary<string, string>? Labels { get; set; }
    }
}
