namespace InferenceOperator.Cluster.Observation;

/// <summary>What the kubelet says of one container.</summary>
internal sealed record ContainerState
{
    public string Name { get; set; } = "";
    public int RestartCount { get; set; }
    public string? ContainerID { get; set; }
    public ContainerMoment? State { get; set; }

    /// <summary>How it ended last; null: it never did.</summary>
    public ContainerMoment? LastState { get; set; }
}
