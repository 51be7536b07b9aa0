namespace InferenceOperator.Core.Resource;

/// <summary>Objects in a cluster that are made beside the replicas and that an agent can do without.</summary>
public sealed record ChildrenSpec
{
    /// <summary>How many replicas a node drain may take at a time.</summary>
    public bool PodDisruptionBudget { get; init; } = true;

    /// <summary>The admin port is open to the operator and the agent's replicas alone.</summary>
    public bool NetworkPolicy { get; init; } = true;

    /// <summary>A Prometheus run by the Prometheus operator scrapes the replicas.</summary>
    public bool PodMonitor { get; init; } = true;

    /// <summary>Such a Prometheus alerts when the agent's SLO is missed too often.</summary>
    public bool PrometheusRule { get; init; } = true;
}
