namespace InferenceOperator.Core.Planning.Variants;

/// <summary>A variant that may answer while replicas start: allowed, resident, accurate enough.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Accuracy">Relative to the model itself; null: not declared.</param>
/// <param name="Capacity">Rows per second per replica within the SLO at the batch limit in force, trim taken off; null: it has not been measured.</param>
internal sealed record BurstOption(string Name, double? Accuracy, double? Capacity);
