using System.Text.Json.Nodes;

namespace InferenceOperator.Cluster.Children;

/// <summary>One object as it should be.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">Its namespace, the agent's.</param>
/// <param name="Name">Its name.</param>
/// <param name="Manifest">All fields that the operator owns, ready for server-side apply. Not to be changed.</param>
internal sealed record Child(ChildKind Kind, string Namespace, string Name, JsonObject Manifest)
{
    /// <summary><c>Deployment ads/ctr-ranker</c>, for people.</summary>
    public override string ToString() => $"{Kind} {Namespace}/{Name}";
}
