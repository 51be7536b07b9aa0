using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning.WhatIf;

/// <summary>A form of the model at a batch limit, and what it takes to carry the load with it.</summary>
/// <param name="MaxBatch">Rows.</param>
/// <param name="ServiceSeconds">Time of a full batch.</param>
/// <param name="Capacity">Rows per second that a replica carries within the SLO.</param>
/// <param name="Required">Replicas that the load takes.</param>
/// <param name="Replicas">The same within the bounds.</param>
/// <param name="LatencySeconds">Latency at the SLO's percentile with <paramref name="Replicas"/>, rounded up by at most 2 %; null: they cannot keep up.</param>
/// <param name="Holds">True: the SLO is held.</param>
public sealed record LoadOption(int MaxBatch, double ServiceSeconds, double Capacity, int Required, int Replicas, double? LatencySeconds, bool Holds)
{
    /// <summary>Who answers; <c>full</c> is the model itself.</summary>
    public string Variant { get; init; } = VariantShares.Full;
}
