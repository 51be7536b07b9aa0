namespace InferenceOperator.Cluster.Observation;

/// <summary>How a container ended.</summary>
internal sealed record ContainerTermination
{
    public int ExitCode { get; set; }
    public string? Reason { get; set; }

    /// <summary>What the container wrote to its termination log, or its last lines.</summary>
    public string? Message { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }
}
