namespace InferenceOperator.Core.Observation;

/// <summary>What the cluster lacks for a replica that finds no place.</summary>
/// <param name="Kind">In one word for programs.</param>
/// <param name="Detail">In words for people.</param>
public sealed record CapacityLack(CapacityLackKind Kind, string Detail);
