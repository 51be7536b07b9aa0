using System.Collections.Immutable;

namespace InferenceOperator.Kubernetes;

/// <summary>All objects in a scope at one moment.</summary>
/// <param name="ResourceVersion">The moment: a watch from here misses nothing and repeats nothing.</param>
public sealed record ResourceList<T>(ImmutableArray<ApiObject<T>> Items, string ResourceVersion);
