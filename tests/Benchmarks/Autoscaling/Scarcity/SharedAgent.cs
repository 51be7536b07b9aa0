using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Measuring;
using InferenceOperator.Core.Simulation.Plant;
using InferenceOperator.Core.Simulation.Policies;

namespace InferenceOperator.Benchmarks.Autoscaling.Scarcity;

/// <summary>A model's plant under our controller, whose replicas are limited by a divider.</summary>
internal sealed class SharedAgent
{
    private const double Share = 0.99;

    private readonly SharedModel _model;
    private readonly ServingPlant _plant;
    private readonly MetricsPlane _metrics;
    private readonly AgentPolicy _policy;
    private RequestCounts _before;

    public SharedAgent(SharedModel model, Divider divider, ulong seed, double tickSeconds, int most)
    {
        _model = model;
        var declared = AgentPolicy.Declare(model.SloSeconds, Share, min: 1, most, maxBatch: 64);
        var agent = declared with { Metadata = declared.Metadata with { Name = model.Name, Uid = model.Name } };
        _plant = new(
            new() { Service = model.Service, StartUp = new StartUp.Always(30), QueueBound = 64 },
            new RenewalArrivals(model.Profile, seed), new FittedService(model.Service, seed), model.SloSeconds, seed, replicas: 1);
        _metrics = new(new() { IntervalSeconds = tickSeconds }, seed, isDetailed: true);
        _policy = new(agent, tickSeconds) { Divide = divider.Divide };
    }

    public int Replicas => _plant.Wanted;

    public double PaidSeconds => _plant.PaidSeconds;

    /// <summary>Serves until a time, then takes a control step.</summary>
    public void StepTo(double now)
    {
        _plant.AdvanceTo(now);
        _metrics.Scrape(_plant);
        _metrics.History.Show(now);
        var decision = _policy.Decide(new()
        {
            Now = now,
            Metrics = _metrics.History,
            Wanted = _plant.Wanted,
            Replicas = [.. _plant.Replicas.Select(static r => new ReplicaStanding(r.Name, r.Phase, r.Since))],
            Min = 1,
            Max = int.MaxValue,
        });
        _plant.MaxBatch = decision.MaxBatch ?? _plant.MaxBatch;
        _plant.MaxDelaySeconds = decision.MaxDelaySeconds ?? _plant.MaxDelaySeconds;
        _plant.Scale(decision.Replicas);
    }

    /// <summary>What was served since the last look: the utility of its latency times the share that was answered, and the share within the SLO.</summary>
    /// <remarks>Source of the utility under drops: Faro (EuroSys 2025), with the share answered for its step function of the drop rate.</remarks>
    public (double Utility, double Attainment) Look()
    {
        var counts = _plant.Counts - _before;
        _before = _plant.Counts;
        var answered = counts.Settled > 0 ? (double)counts.Answered / counts.Settled : 1;
        var latency = _plant.Latencies.Quantile(Math.Max(Share * answered, 1e-9)) ?? 0;
        _plant.Latencies.Clear();
        var within = latency > 0 ? Math.Min(1, _model.SloSeconds / latency) : 1;
        return (answered * within, counts.Attainment);
    }
}
