namespace InferenceOperator.Cluster.Observation;

/// <summary>Why a container does not run yet.</summary>
internal sealed record ContainerWaiting
{
    public string? Reason { get; set; }
    public string? Message { get; set; }
}
