namespace InferenceOperator.Benchmarks.Operator;

/// <summary>What the operator's metrics say at one moment.</summary>
/// <param name="Agents">Agents with a control loop.</param>
/// <param name="Writes">Requests to the API server that ask for a change, but for Leases.</param>
/// <param name="Reads">The other requests.</param>
/// <param name="Steps">Control steps.</param>
/// <param name="ThrottledSeconds">Time for which requests waited for its own rate limit.</param>
internal sealed record OperatorFigures(int Agents, double Writes, double Reads, double Steps, double ThrottledSeconds);
