namespace InferenceOperator.Core.Simulation.Measuring;

/// <summary>What the scrapes of a window say of all replicas together.</summary>
/// <param name="Seconds">Time between its first and its last scrape, above 0.</param>
/// <param name="Rate">Requests that came per second.</param>
/// <param name="Concurrency">Mean number of requests held.</param>
/// <param name="Busy">Mean share of a replica's time in which an execution ran.</param>
/// <param name="Measured">Ready replicas in the newest scrape.</param>
/// <param name="Held">Requests held at the newest scrape.</param>
/// <param name="At">Time of the newest scrape.</param>
public sealed record MetricWindow(double Seconds, double Rate, double Concurrency, double Busy, int Measured, double Held, double At);
