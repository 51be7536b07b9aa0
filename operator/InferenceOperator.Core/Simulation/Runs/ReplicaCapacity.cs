using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Core.Simulation.Runs;

/// <summary>What one replica carries within an objective, found by simulation.</summary>
/// <param name="Rate">Requests per second; 0: the objective cannot be held at all.</param>
/// <param name="Concurrency">Requests that it then holds on the average.</param>
/// <param name="Throughput">Requests per second at full batches, whatever the latency.</param>
public sealed record ReplicaCapacity(double Rate, double Concurrency, double Throughput)
{
    private const int Requests = 200_000;
    private const int Halvings = 11;
    private const ulong Seed = 20_260_701;

    /// <summary>The largest Poisson rate at which one replica of a plant keeps the share of requests within the target. Some 100 ms.</summary>
    public static ReplicaCapacity Find(PlantSettings plant, double sloSeconds, double share)
    {
        var alone = plant with
        {
            Service = plant.Service with { Drifts = [] },
            QueueBound = PlantSettings.QueueMax,
            TimeoutSeconds = double.PositiveInfinity,
            CrashMeanSeconds = double.PositiveInfinity,
            NodeLosses = [],
        };
        var throughput = plant.MaxBatch / plant.Service.Mean(plant.MaxBatch);
        var (low, high, concurrency) = (0.0, throughput, 0.0);
        for (var i = 0; i < Halvings; i++)
        {
            var rate = (low + high) / 2;
            var seconds = Requests / rate;
            var server = new ServingPlant(alone, new RenewalArrivals(RateProfile.Constant(rate, seconds), Seed), new FittedService(alone.Service, Seed), sloSeconds, Seed, 1);
            server.AdvanceTo(seconds);
            var holds = server.Counts.Attainment >= share && server.Counts.Arrived - server.Counts.Answered <= 10 * plant.MaxBatch;
            concurrency = holds ? server.Replicas[0].Totals(seconds, 1, 0).HeldSeconds / seconds : concurrency;
            (low, high) = holds ? (rate, high) : (low, rate);
        }

        return new(low, concurrency, throughput);
    }

    /// <summary>Replicas for a rate, at least 1.</summary>
    public int ReplicasFor(double rate) => Rate > 0 ? Math.Max(1, ReplicaNumber.Needed(rate, Rate)) : 1;
}
