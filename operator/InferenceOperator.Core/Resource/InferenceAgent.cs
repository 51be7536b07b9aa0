using System.Collections.Immutable;
using System.Text.Json.Serialization;
using InferenceOperator.Core.Policy;

namespace InferenceOperator.Core.Resource;

/// <summary>One model under one latency SLO: the whole resource as the API server stores it, defaults filled in.</summary>
/// <remarks>Read one from a manifest with <see cref="Schema.AgentManifest.Read"/>, which checks every field first.</remarks>
public sealed record InferenceAgent
{
    public string ApiVersion { get; init; } = ResourceNames.ApiVersion;

    public string Kind { get; init; } = ResourceNames.Kind;

    public required AgentMetadata Metadata { get; init; }

    public required AgentSpec Spec { get; init; }

    /// <summary>Fields of <see cref="Spec"/> that count otherwise than declared, because policies ask for it; never in a manifest.</summary>
    [JsonIgnore]
    public ImmutableArray<PolicyEffect> Policies { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>What the operator last wrote; null before the first time.</summary>
    public AgentStatus? Status { get; init; }

    /// <summary><c>namespace/name</c>: the key in queues, logs and records.</summary>
    public string Key() => $"{Metadata.Namespace}/{Metadata.Name}";
}
