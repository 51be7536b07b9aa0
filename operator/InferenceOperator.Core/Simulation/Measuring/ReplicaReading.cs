using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Core.Simulation.Measuring;

/// <summary>What one scrape read from one replica.</summary>
/// <param name="Name">The replica.</param>
/// <param name="ProcessStartedAt">Seconds since the start of the story.</param>
/// <param name="StartUpSeconds">How long its process took to become ready.</param>
/// <param name="Totals">Sums and gauges, the metrics plane's noise in them.</param>
/// <param name="Latencies">The runtime's latency histogram.</param>
/// <param name="Rows">Its histogram of rows per execution.</param>
public sealed record ReplicaReading(
    string Name, double ProcessStartedAt, double StartUpSeconds, ReplicaTotals Totals, HistogramCounts Latencies, HistogramCounts Rows);
