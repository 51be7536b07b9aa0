using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Policy;

/// <summary>What a platform team asks of the agents that it selects: the whole cluster-scoped resource, defaults filled in.</summary>
/// <remarks>Read one from a manifest with <see cref="PolicyManifest.Read"/>, which checks every field first.</remarks>
public sealed record InferencePolicy
{
    public string ApiVersion { get; init; } = ResourceNames.ApiVersion;

    public string Kind { get; init; } = PolicyNames.Kind;

    public required AgentMetadata Metadata { get; init; }

    public required PolicySpec Spec { get; init; }
}
