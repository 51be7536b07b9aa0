namespace InferenceOperator.Cluster.Observation;

/// <summary>A port of a container.</summary>
internal sealed record PodContainerPort
{
    public string? Name { get; set; }
    public int ContainerPort { get; set; }
}
