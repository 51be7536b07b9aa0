namespace InferenceOperator.Kubernetes.Models;

/// <summary>What the API server answers when it refuses or fails (<c>metav1.Status</c>).</summary>
public sealed record Status
{
    public string? Message { get; init; }

    public string? Reason { get; init; }

    /// <summary>The HTTP status code.</summary>
    public int? Code { get; init; }

    public StatusDetails? Details { get; init; }

    public ListMeta? Metadata { get; init; }
}
