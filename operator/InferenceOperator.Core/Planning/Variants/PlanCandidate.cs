namespace InferenceOperator.Core.Planning.Variants;

/// <summary>A plan that was weighed: who answers, in which batches, on how many replicas.</summary>
/// <param name="Variant">Who answers; <c>full</c> is the model itself.</param>
/// <param name="MaxSize">Batch limit, rows.</param>
/// <param name="ServiceSeconds">Time of a full batch, upper estimate.</param>
/// <param name="Capacity">Rows per second per replica within the SLO, guard and trim taken off.</param>
/// <param name="Replicas">As many as the demand takes, within the bounds.</param>
/// <param name="PredictedSeconds">Latency at the SLO's percentile with them; null: they cannot keep up.</param>
/// <param name="CostPerHour">Price of the replicas and of the accuracy that is given up, with what getting there costs spread over the time for which it is planned.</param>
/// <param name="Holds">True: it holds the SLO within the bounds.</param>
public sealed record PlanCandidate(
    string Variant, int MaxSize, double ServiceSeconds, double Capacity, int Replicas, double? PredictedSeconds, double CostPerHour, bool Holds)
{
    /// <summary>Relative to the model itself; null: not declared.</summary>
    public double? Accuracy { get; init; }
}
