using System.Collections.Immutable;

namespace InferenceOperator.Core.Simulation.Measuring;

/// <summary>One scrape: each replica that could be read, and running sums over all replicas that ever could.</summary>
/// <param name="At">Seconds since the start.</param>
/// <param name="Readings">Of those policies that ask for them; else empty.</param>
/// <param name="Sums">Since the start.</param>
/// <param name="Held">Requests that the ready replicas hold.</param>
/// <param name="Waiting">Requests that wait at the ready replicas.</param>
/// <param name="Measured">Ready replicas that were read.</param>
public sealed record MetricScrape(double At, ImmutableArray<ReplicaReading> Readings, TrafficSums Sums, double Held, double Waiting, int Measured);
