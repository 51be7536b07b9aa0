using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Core.Simulation.Measuring;

/// <summary>Scrapes a plant: late, noisy, with losses and outages, as asked for.</summary>
internal sealed class MetricsPlane(MetricsSettings settings, ulong seed, bool isDetailed)
{
    private readonly Dictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    private TrafficSums _sums;
    private ulong _scrapes;

    public MetricHistory History { get; } = new(settings.AgeSeconds);

    public void Scrape(ServingPlant plant)
    {
        var at = plant.Now;
        _scrapes++;
        if (settings.Outages.Any(o => o.From <= at && at < o.To))
        {
            return;
        }

        var readings = ImmutableArray.CreateBuilder<ReplicaReading>();
        double held = 0, waiting = 0;
        var measured = 0;
        foreach (var server in plant.Replicas)
        {
            var key = (_scrapes << 20) + (ulong)server.Number;
            if (server.Phase is not (ReplicaPhase.Ready or ReplicaPhase.Draining)
                || (settings.Loss > 0 && Draws.At(seed, DrawPurpose.MetricLoss, key) < settings.Loss))
            {
                continue;
            }

            var factor = settings.Noise > 0 ? Math.Max(0, 1 + (settings.Noise * Draws.NormalAt(seed, DrawPurpose.MetricNoise, key))) : 1;
            var totals = Read(server, at, plant, factor);
            if (server.Phase == ReplicaPhase.Ready)
            {
                measured++;
                held += totals.Held;
                waiting += totals.Waiting;
            }

            if (isDetailed)
            {
                readings.Add(new(server.Name, server.ProcessStartedAt, server.Since - server.ProcessStartedAt, totals, server.Latencies(), server.Rows()));
            }
        }

        foreach (var gone in _seen.Keys.Except(plant.Replicas.Select(static r => r.Name)).ToList())
        {
            _seen.Remove(gone);
        }

        History.Take(new(at, readings.ToImmutable(), _sums, held, waiting, measured));
    }

    private ReplicaTotals Read(ReplicaServer server, double at, ServingPlant plant, double factor)
    {
        var totals = server.Totals(at, plant.MaxBatch, plant.MaxDelaySeconds);
        var before = _seen.TryGetValue(server.Name, out var known) && known.ProcessStartedAt == server.ProcessStartedAt
            ? known
            : new Seen(server.ProcessStartedAt, Math.Max(0, server.Since), default, default);

        // The noise is in what is exported: it adds up there as it does in the sums. Squares of counts have it twice.
        var came = (totals.Arrivals - before.Totals.Arrivals) * factor;
        var arrivals = before.Exported + (came with { RequestsSquared = came.RequestsSquared * factor });
        arrivals = arrivals with { Windows = totals.Arrivals.Windows };
        _seen[server.Name] = new(server.ProcessStartedAt, at, totals, arrivals);
        _sums += new TrafficSums(
            (totals.Arrived - before.Totals.Arrived) * factor,
            totals.Answered - before.Totals.Answered,
            totals.Met - before.Totals.Met,
            totals.HeldSeconds - before.Totals.HeldSeconds,
            totals.BusySeconds - before.Totals.BusySeconds,
            at - before.At);
        return totals with { Arrivals = arrivals };
    }

    /// <param name="ProcessStartedAt">Whose counters they were.</param>
    /// <param name="At">When they were last read.</param>
    /// <param name="Totals">What they said.</param>
    /// <param name="Exported">The arrivals with their noise.</param>
    private readonly record struct Seen(double ProcessStartedAt, double At, ReplicaTotals Totals, ArrivalSums Exported);
}
