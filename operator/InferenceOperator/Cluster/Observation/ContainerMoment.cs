namespace InferenceOperator.Cluster.Observation;

/// <summary>Where a container stands: waiting, ended, or (both null) running.</summary>
internal sealed record ContainerMoment
{
    public ContainerWaiting? Waiting { get; set; }
    public ContainerTermination? Terminated { get; set; }
}
