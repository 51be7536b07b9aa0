using System.Collections.Immutable;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Scarcity;
using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Benchmarks.Autoscaling.Scarcity;

/// <summary>One agent of those that share the GPUs, as the latency model sees it.</summary>
internal sealed class SharedModel
{
    private const int MaxBatch = 64;
    private const double Share = 0.99;

    private readonly RateProfile _profile;
    private readonly double _sloSeconds;
    private readonly double _throughput;
    private readonly double _capacity;
    private readonly CapacityTable _table = new();

    /// <param name="name">Its name.</param>
    /// <param name="profile">What it is offered, but for a factor.</param>
    /// <param name="meanReplicas">Replicas that it needs on the average; sets that factor.</param>
    /// <param name="service">How long its executions take.</param>
    /// <param name="sloSeconds">Its SLO, at the 99th percentile.</param>
    public SharedModel(string name, RateProfile profile, double meanReplicas, ServiceFit service, double sloSeconds)
    {
        (Name, _sloSeconds, _throughput) = (name, sloSeconds, MaxBatch / service.Mean(MaxBatch));
        var known = new ServiceTime.Fitted(service.Fixed, service.PerRow, MeanVariance: 0, SlopeVariance: 0) { RelativeNoise = service.Noise, MeanBatch = MaxBatch };
        _table.Rest(known, new Objective(sloSeconds, Share, OverheadSeconds: 0), dispersion: null, rowsPerRequest: 1);
        _capacity = _table.Capacity(MaxBatch);
        _profile = profile.Part(0, profile.Seconds, meanReplicas * _capacity / profile.MeanRate());
    }

    public string Name { get; }

    /// <summary>Replicas that hold the SLO at a time, at least 1.</summary>
    public int NeededAt(double seconds) => Math.Max(1, (int)Math.Ceiling((_profile.RateAt(seconds) / _capacity) - 1e-9));

    /// <summary>Utility with 0, 1, … so many replicas at a time.</summary>
    public ImmutableArray<double> UtilityAt(double seconds, int replicas) =>
        RelaxedUtility.Curve(replicas, _profile.RateAt(seconds), _throughput, rate => _table.Latency(MaxBatch, rate), _sloSeconds);
}
