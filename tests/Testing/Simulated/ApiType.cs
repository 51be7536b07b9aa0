namespace InferenceOperator.Testing.Simulated;

/// <summary>A collection that the simulated API server serves.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version within the group.</param>
/// <param name="Plural">The name in the path.</param>
/// <param name="Kind">The kind of its objects.</param>
/// <param name="Namespaced">Whether its objects live in namespaces.</param>
public sealed record ApiType(string Group, string Version, string Plural, string Kind, bool Namespaced = true)
{
    /// <summary>Whether status is a subresource, which other writes leave alone.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Whether <c>metadata.generation</c> counts the changes of what is asked for.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Whether objects are ended with a grace period by a node, instead of being removed at once.</summary>
    public bool EndsGracefully { get; init; }

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary><c>deployments.apps</c>, as the API server names it in messages.</summary>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}
