using System.Collections.Immutable;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>What the cluster says of an agent's children.</summary>
/// <param name="Server">Version of the API server.</param>
/// <param name="Served">The optional kinds that can be made, in the version that is served.</param>
internal sealed record ChildScene(ServerVersion Server, ImmutableDictionary<ChildKind, ResourceType> Served)
{
    /// <summary>Whether namespaces have their names as labels.</summary>
    public bool NamespacesAreLabelled => Server is { Major: > 1 } or { Major: 1, Minor: >= 21 };

    /// <summary>Whether a PodDisruptionBudget can let unready pods go.</summary>
    public bool MayEvictUnready => Server is { Major: > 1 } or { Major: 1, Minor: >= 27 };
}
