namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>What an HPA watches: a closed set.</summary>
public abstract record HpaTarget
{
    private HpaTarget()
    {
    }

    /// <summary>Window of the query behind the metric, seconds; <c>rate(…[1m])</c> unless given.</summary>
    public double WindowSeconds { get; init; } = 60;

    /// <summary>Pods metric: requests per second of a replica.</summary>
    public sealed record Rate(double PerReplica) : HpaTarget;

    /// <summary>Pods metric: requests that a replica holds.</summary>
    public sealed record Concurrency(double PerReplica) : HpaTarget;

    /// <summary>Pods metric: share of time that the GPU is busy, 0 to 1.</summary>
    public sealed record GpuBusy(double Share) : HpaTarget;

    /// <summary>External metric with AverageValue: requests per second over all replicas.</summary>
    public sealed record TotalRate(double PerReplica) : HpaTarget;
}
