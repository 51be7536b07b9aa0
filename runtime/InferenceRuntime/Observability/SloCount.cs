namespace InferenceRuntime.Observability;

/// <summary>Attainment of one SLO at one moment.</summary>
/// <param name="Seconds">The threshold.</param>
/// <param name="Requests">Requests that count.</param>
/// <param name="Met">Those of them answered within the threshold; never more than <paramref name="Requests"/>.</param>
internal readonly record struct SloCount(double Seconds, long Requests, long Met);
