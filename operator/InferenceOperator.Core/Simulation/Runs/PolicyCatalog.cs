using System.Collections.Immutable;
using System.Globalization;
using InferenceOperator.Core.Simulation.Policies;

namespace InferenceOperator.Core.Simulation.Runs;

/// <summary>
/// The policies by name. A name may carry a percentage, <c>hpa-rate=60</c>: the target as a share of what a replica carries within the SLO;
/// and, for a peer, <c>+burst</c> at its end: the faster variant runs as long as replicas start.
/// </summary>
public static class PolicyCatalog
{
    private const double DefaultPercent = 70;
    private const string Burst = "+burst";
    private const string Ours = "operator";

    /// <summary>A batch limit that holds the SLO of most models, where nobody moves it.</summary>
    private const int FixedBatch = 8;

    /// <summary>All of them.</summary>
    public static ImmutableArray<PolicyEntry> All { get; } =
    [
        new(Ours, "our controller, the code of the cluster; learns fit, capacity and start-up itself, and uses the faster variant by itself where there is one", false, static (s, _, _, _) =>
            new AgentPolicy(AgentPolicy.Declare(s.SloSeconds, s.SloShare, s.Min, s.Max, s.Plant.MaxBatch, s.Plant.Service.BurstSpeed > 1), s.Metrics.IntervalSeconds)),
        new("operator-batches", "our controller with as many replicas as the mean rate takes: it moves batch limits alone", false, static (s, c, _, _) =>
            new AgentPolicy(AgentPolicy.WithReplicas(AgentPolicy.Declare(s.SloSeconds, s.SloShare, s.Min, s.Max, s.Plant.MaxBatch), c.ReplicasFor(s.Workload.MeanRate())), s.Metrics.IntervalSeconds)),
        new("operator-replicas", "our controller with batches of at most 8: it moves replicas alone", false, static (s, _, _, _) =>
            new AgentPolicy(AgentPolicy.Declare(s.SloSeconds, s.SloShare, s.Min, s.Max, Math.Min(FixedBatch, s.Plant.MaxBatch)), s.Metrics.IntervalSeconds)),
        new("hpa-rate", "HPA v2 on requests per second of a replica, rate[1m]", true, static (_, c, share, _) => new HorizontalPodAutoscaler(new HpaTarget.Rate(share * c.Rate))),
        new("hpa-concurrency", "HPA v2 on requests held by a replica", true, static (_, c, share, _) => new HorizontalPodAutoscaler(new HpaTarget.Concurrency(share * c.Concurrency))),
        new("hpa-gpu", "HPA v2 on the busy share of the GPU; its percentage is the target itself", true, static (_, _, share, _) => new HorizontalPodAutoscaler(new HpaTarget.GpuBusy(share))),
        new("kpa-rate", "Knative's autoscaler on requests per second", true, static (s, c, share, _) => new KnativePodAutoscaler(share * c.Rate, false, SimulationRun.InitialReplicas(s, c))),
        new("kpa-concurrency", "Knative's autoscaler on requests held", true, static (s, c, share, _) => new KnativePodAutoscaler(share * c.Concurrency, true, SimulationRun.InitialReplicas(s, c))),
        new("kpa-default", "Knative's autoscaler as shipped: 70 requests held by a replica", false, static (s, c, _, _) => new KnativePodAutoscaler(KnativePodAutoscaler.DefaultConcurrency, true, SimulationRun.InitialReplicas(s, c))),
        new("keda", "KEDA: HPA on the total of an external metric, AverageValue", true, static (_, c, share, _) => new KedaScaler(share * c.Rate)),
        new("ray-serve", "Ray Serve on requests held by a replica", true, static (_, c, share, _) => new RayServeScaler(share * c.Concurrency)),
        new("ray-serve-default", "Ray Serve as shipped: 2 requests held by a replica", false, static (_, _, _, _) => new RayServeScaler(RayServeScaler.DefaultOngoing)),
        new("wva", "llm-d WVA's thresholds, 0.85 and 0.70, on the rate", false, static (_, c, _, _) => new SaturationThresholds(c.Rate)),
        new("inferline", "InferLine's tuner; its plan's utilisation is that of a replica within the SLO", false, static (_, c, _, _) => new InferLineTuner(c.Throughput, c.Rate / c.Throughput)),
        new("clipper", "Clipper's published batch rule beside hpa-rate", true, static (s, c, share, _) =>
            new HorizontalPodAutoscaler(new HpaTarget.Rate(share * c.Rate), () => new AdditiveBatches(s.SloSeconds, s.Plant.MaxBatch))),
        new("clipper-shipped", "Clipper's shipped batch rule, profiled before, beside hpa-rate", true, static (s, c, share, seed) =>
            new HorizontalPodAutoscaler(new HpaTarget.Rate(share * c.Rate), () => new EstimatedBatches(s.SloSeconds, s.Plant.MaxBatch, seed, s.Plant.Service.Mean))),
        new("static-peak", "as many as the highest rate takes, always", false, static (s, c, _, _) => new FixedReplicas(c.ReplicasFor(s.Workload.PeakBetween(0, s.Workload.Seconds)))),
        new("static-mean", "as many as the mean rate takes, always", false, static (s, c, _, _) => new FixedReplicas(c.ReplicasFor(s.Workload.MeanRate()))),
        new("oracle", "the bound: ceil(rate/capacity) at every instant, ready at once", false, static (s, c, _, _) => new Foresight(s.Workload, c.Rate, 0)),
        new("clairvoyant", "knows the rates of the future, starts take what they take", false, static (s, c, _, _) => new Foresight(s.Workload, c.Rate, s.Plant.StartUp.At(0.99))),
    ];

    /// <summary>The policy of a name, made anew for each run.</summary>
    /// <param name="name">Name, or name=percentage above 0 and at most 1,000; then perhaps <c>+burst</c>.</param>
    /// <param name="error">What is wrong when null is returned.</param>
    public static Func<Scenario, ReplicaCapacity, ulong, IScalingPolicy>? Find(string name, out string error)
    {
        if (name.EndsWith(Burst, StringComparison.Ordinal))
        {
            if (name[..^Burst.Length] == Ours)
            {
                error = $"'{name}': {Ours} uses the faster variant by itself where there is one";
                return null;
            }

            var inner = Find(name[..^Burst.Length], out error);
            return inner is null ? null : (scenario, capacity, seed) => new BurstWhileStarting(inner(scenario, capacity, seed));
        }

        error = "";
        var equals = name.IndexOf('=', StringComparison.Ordinal);
        var known = equals < 0 ? name : name[..equals];
        if (All.FirstOrDefault(e => e.Name == known) is not { } entry)
        {
            error = $"'{known}' is no policy: there are {string.Join(", ", All.Select(static e => e.Name))}";
            return null;
        }

        var percent = DefaultPercent;
        if (equals >= 0)
        {
            if (!entry.TakesPercent)
            {
                error = $"'{name}': {known} takes no percentage";
                return null;
            }

            if (!double.TryParse(name[(equals + 1)..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out percent) || percent is not (> 0 and <= 1000))
            {
                error = $"'{name}': a percentage above 0 and at most 1000 comes after the equals sign";
                return null;
            }
        }

        return (scenario, capacity, seed) => entry.Make(scenario, capacity, percent / 100, seed);
    }
}
