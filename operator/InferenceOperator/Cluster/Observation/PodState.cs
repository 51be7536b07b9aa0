namespace InferenceOperator.Cluster.Observation;

/// <summary>The part of a Pod that the operator looks at.</summary>
/// <remarks>These views have setters, not <c>init</c>: generated readers leave an absent <c>init</c> property without its default.</remarks>
internal sealed record PodState
{
    public PodMetadata Metadata { get; set; } = new();
    public PodSpecState Spec { get; set; } = new();
    public PodStatusState Status { get; set; } = new();
}
