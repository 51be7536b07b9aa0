namespace InferenceOperator.Kubernetes.Models;

/// <summary>The <c>metadata</c> of a list.</summary>
public sealed record ListMeta
{
    public string? ResourceVersion { get; init; }

    /// <summary>Set when there are more pages.</summary>
    public string? Continue { get; init; }

    public long? RemainingItemCount { get; init; }
}
