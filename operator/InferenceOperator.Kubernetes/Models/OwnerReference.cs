namespace InferenceOperator.Kubernetes.Models;

/// <summary>Names an owner: when it goes, the object that carries this is collected.</summary>
public sealed record OwnerReference
{
    public required string ApiVersion { get; init; }

    public required string Kind { get; init; }

    public required string Name { get; init; }

    public required string Uid { get; init; }

    /// <summary>Whether this owner manages the object; at most one may.</summary>
    public bool? Controller { get; init; }

    /// <summary>Whether a foreground deletion of the owner waits for the object.</summary>
    public bool? BlockOwnerDeletion { get; init; }
}
