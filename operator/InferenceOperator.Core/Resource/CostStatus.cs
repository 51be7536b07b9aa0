namespace InferenceOperator.Core.Resource;

/// <summary>What the replicas that are wanted cost, in the unit of the operator's prices.</summary>
public sealed record CostStatus
{
    /// <summary>Price of one replica for an hour, decimal text.</summary>
    public string PerReplicaHour { get => field ?? "0"; init; } = "0";

    /// <summary>Of all replicas for an hour, decimal text.</summary>
    public string PerHour { get => field ?? "0"; init; } = "0";
}
