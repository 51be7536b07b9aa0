using System.Collections.Immutable;

namespace InferenceOperator.Core.Resource;

// The JSON reader leaves what is missing at the type's default, past the initialisers: hence the getters.
/// <summary>The part of Kubernetes' object metadata that the operator reads; the rest is passed over.</summary>
public sealed record AgentMetadata
{
    /// <summary>Name of manifests that give no namespace.</summary>
    public const string DefaultNamespace = "default";

    public required string Name { get; init; }

    public string Namespace { get => field ?? DefaultNamespace; init; } = DefaultNamespace;

    /// <summary>Set by the server; empty in a manifest.</summary>
    public string Uid { get => field ?? ""; init; } = "";

    /// <summary>Counts changes of the spec; 0 in a manifest.</summary>
    public long Generation { get; init; }

    public string? ResourceVersion { get; init; }

    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>Set once deletion was asked for.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    public ImmutableSortedDictionary<string, string>? Labels { get; init; }

    public ImmutableSortedDictionary<string, string>? Annotations { get; init; }

    public ImmutableArray<string> Finalizers { get => field.IsDefault ? [] : field; init; } = [];
}
