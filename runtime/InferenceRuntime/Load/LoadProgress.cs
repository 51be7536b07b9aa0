namespace InferenceRuntime.Load;

/// <summary>What a running load says of the last second: one JSON line.</summary>
/// <param name="Second">Seconds since the load began.</param>
/// <param name="Phase">Index of the phase, from 0.</param>
/// <param name="OfferedRate">Requests per second asked for at this instant; 0 in a closed loop.</param>
/// <param name="Figures">The requests that ended in that second.</param>
internal sealed record LoadProgress(int Second, int Phase, double OfferedRate, LoadFigures Figures);
