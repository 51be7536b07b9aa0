using System.Collections.Immutable;

namespace InferenceOperator.Cluster;

/// <summary>The namespaces that the operator looks after.</summary>
/// <param name="Namespaces">Their names; empty: all of them.</param>
internal sealed record ClusterScope(ImmutableArray<string> Namespaces)
{
    /// <summary>All namespaces.</summary>
    public static ClusterScope All { get; } = new([]);

    /// <summary>What lists and watches take: one for each namespace, or one for all.</summary>
    public ImmutableArray<string> Watched => Namespaces.IsEmpty ? [""] : Namespaces;

    public override string ToString() => Namespaces.IsEmpty ? "all namespaces" : $"namespaces {string.Join(", ", Namespaces)}";
}
