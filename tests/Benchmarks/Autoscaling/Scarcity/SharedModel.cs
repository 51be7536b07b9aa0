using System.Collections.Immutable;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Queueing;
using InferenceOperator.Core.Scarcity;
using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Benchmarks.Autoscaling.Scarcity;

/// <summary>One agent of those that share the GPUs, as the latency model sees it.</summary>
internal sealed class SharedModel
{
    private const int MaxBatch = 64;
    private const double Share = 0.99;

    /// <summary>Latencies are found once for each step of the rate.</summary>
    private const double RateStep = 1.02;

    private readonly RateProfile _profile;
    private readonly double _sloSeconds;
    private readonly double _throughput;
    private readonly double _capacity;
    private readonly BatchQueue _queue;
    private readonly Dictionary<int, double?> _latencies = [];

    /// <param name="name">Its name.</param>
    /// <param name="profile">What it is offered, but for a factor.</param>
    /// <param name="meanReplicas">Replicas that it needs on the average; sets that factor.</param>
    /// <param name="service">How long its executions take.</param>
    /// <param name="sloSeconds">Its SLO, at the 99th percentile.</param>
    public SharedModel(string name, RateProfile profile, double meanReplicas, ServiceFit service, double sloSeconds)
    {
        (Name, _sloSeconds, _throughput) = (name, sloSeconds, MaxBatch / service.Mean(MaxBatch));
        _queue = new(new BatchService(MaxBatch, rows => service.Fixed + (service.PerRow * rows), service.Noise, rowsPerRequest: 1, dispersion: 1), dispersion: 1);
        _capacity = (1 - CapacityMemo.Guard) * _queue.Capacity(sloSeconds, Share);
        _profile = profile.Part(0, profile.Seconds, meanReplicas * _capacity / profile.MeanRate());
    }

    public string Name { get; }

    /// <summary>Replicas that hold the SLO at a time, at least 1.</summary>
    public int NeededAt(double seconds) => Math.Max(1, (int)Math.Ceiling((_profile.RateAt(seconds) / _capacity) - 1e-9));

    /// <summary>Utility with 0, 1, … so many replicas at a time.</summary>
    public ImmutableArray<double> UtilityAt(double seconds, int replicas) =>
        RelaxedUtility.Curve(replicas, _profile.RateAt(seconds), _throughput, Latency, _sloSeconds);

    private double? Latency(double rate)
    {
        var step = (int)Math.Ceiling(Math.Log(Math.Max(rate, 1e-3)) / Math.Log(RateStep));
        if (!_latencies.TryGetValue(step, out var latency))
        {
            latency = _queue.Latency(Math.Pow(RateStep, step))?.Quantile(Share);
            _latencies[step] = latency;
        }

        return latency;
    }
}
