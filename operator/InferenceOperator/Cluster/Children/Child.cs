using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>One object as it should be.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Type">How the API server calls it.</param>
/// <param name="Namespace">Its namespace, the agent's.</param>
/// <param name="Name">Its name.</param>
/// <param name="Manifest">All fields that the operator owns, ready for server-side apply. Not to be changed.</param>
internal sealed record Child(ChildKind Kind, ResourceType Type, string Namespace, string Name, JsonObject Manifest)
{
    /// <summary>True: pods serve without it, and are not held up where it cannot be made.</summary>
    public bool IsOptional { get; init; } = Kind.IsOptional();

    /// <summary>A child of a kind that has one version.</summary>
    public static Child Of(ChildKind kind, JsonObject manifest) => Of(kind, kind.Versions()[0], manifest);

    /// <param name="kind">Its kind.</param>
    /// <param name="type">The version that is served.</param>
    /// <param name="manifest">A manifest with its head.</param>
    public static Child Of(ChildKind kind, ResourceType type, JsonObject manifest)
    {
        var metadata = manifest["metadata"]!; // Each manifest has one.
        return new(kind, type, metadata["namespace"]!.ToString(), metadata["name"]!.ToString(), manifest);
    }

    /// <summary><c>Deployment ads/ctr-ranker</c>, for people.</summary>
    public override string ToString() => $"{Kind} {Namespace}/{Name}";
}
