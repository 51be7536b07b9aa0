using System.Collections.Immutable;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;

namespace InferenceOperator.Core.Control.Replay;

/// <summary>The ranges that the rules rely on so as to come to an end: no controller records a basis beyond them, but a file may hold anything.</summary>
internal static class BasisCheck
{
    private const int ReplicasMax = 1_000_000;
    private const int SupplyMax = 256;
    private const int BatchMax = 1 << 16;
    private const double SecondsMin = 1e-9;
    private const double SecondsMax = 1e6;
    private const double RateMax = 1e12;
    private const double DispersionMax = 1e9;

    /// <summary>What is beyond them; null: nothing.</summary>
    public static string? Fault(DecisionBasis basis) =>
        !Counts(basis).All(static n => n is >= 0 and <= ReplicasMax) ? "a number of replicas is out of range"
        : !Limits(basis).All(static n => n is >= 1 and <= BatchMax) || !Largest(basis).All(static n => n is >= 0 and <= ReplicasMax) ? "a batch limit is out of range"
        : !Services(basis).All(s => IsService(s, basis.Batching.MaxSize)) ? "a service time is out of range"
        : !Found(basis).All(IsFound) || !(basis.Trim.Factor is >= 1 and <= SecondsMax) ? "what capacities rest on is out of range"
        : basis.Measurement is Measurement.Measured { Traffic: var traffic } && !(IsTraffic(traffic) && IsForecast(basis.Forecast)) ? "traffic is out of range"
        : basis.Budget is { Slo: var slo } && !(slo.Requests is >= 0 and <= RateMax && slo.Met >= 0 && slo.Met <= slo.Requests && basis.Slo is not null) ? "the error budget is out of range"
        : !(basis.MostDemand is >= 0 and <= RateMax) ? "demand is out of range"
        : !Prices(basis).All(static p => p is >= 0 and <= RateMax) ? "a price or an accuracy is out of range"
        : null;

    private static IEnumerable<int> Counts(DecisionBasis b) =>
    [
        b.Current.Replicas, b.Scaling.MinReplicas, b.Scaling.MaxReplicas, b.Scaling.Replicas ?? 0, b.Ready, b.Pending, b.Overdue, b.Unschedulable, b.Cut?.Granted ?? 0,
    ];

    private static ImmutableArray<VariantBasis> Variants(DecisionBasis b) => b.Variants is { Options: { IsDefault: false } options } ? options : [];

    private static IEnumerable<CapacityAnchors> Found(DecisionBasis b) => [b.Capacities, .. Variants(b).Select(static v => v.Capacities)];

    private static IEnumerable<int> Limits(DecisionBasis b) =>
        [b.Current.Batching.MaxSize, b.Batching.MaxSize, .. Found(b).SelectMany(static f => f.Limits).Select(static l => l.MaxBatch)];

    private static IEnumerable<int> Largest(DecisionBasis b) => [b.LargestBatch, .. Variants(b).Select(static v => v.LargestBatch)];

    private static IEnumerable<ServiceTime> Services(DecisionBasis b) =>
        new[] { b.Service }.Concat(Variants(b).Select(static v => v.Service)).OfType<ServiceTime>().Concat(Found(b).SelectMany(static f => f.Limits).Select(static l => l.Service));

    private static IEnumerable<double> Prices(DecisionBasis b) =>
        [b.ReplicaPrice ?? 0, b.Variants?.AccuracyPrice ?? 0, b.Variants?.AccuracyFloor ?? 0, .. Variants(b).Select(static v => v.Accuracy ?? 0)];

    private static bool IsService(ServiceTime service, int most) =>
        service is not ServiceTime.Table { Points.Length: < 2 }
        && service.RelativeNoise is >= 0 and <= 1
        && new[] { 1, (most + 1) / 2, most }.All(rows => service.Upper(rows) is >= SecondsMin and <= SecondsMax && service.Deviation(rows) is >= 0 and <= SecondsMax);

    private static bool IsFound(CapacityAnchors found) =>
        found.Limits.Length <= CapacityAnchors.LimitsMax
        && found.Dispersion is >= 0 and <= DispersionMax && found.RowsPerRequest is >= 0 and <= DispersionMax
        && found.Objective is null or { TargetSeconds: > 0, Share: > 0 and < 1, OverheadSeconds: >= 0 and <= SecondsMax };

    private static bool IsTraffic(TrafficWindow traffic) =>
        new[] { traffic.Short, traffic.Medium, traffic.Long }.All(static w => w.RowRate is >= 0 and <= RateMax)
        && traffic.Dispersion is null or (>= 0 and <= DispersionMax)
        && traffic.RowsPerRequest is >= 0 and <= DispersionMax
        && traffic.OverheadSeconds is >= 0 and <= SecondsMax
        && traffic.QueueRows is >= 0 and <= RateMax;

    private static bool IsForecast(ForecastBasis? forecast) =>
        forecast is { Terms: { HorizonSeconds: >= 0 and <= SecondsMax, RowsPerReplica: >= 0 and <= RateMax, MissShare: > 0 and < 1 }, State.Surprises.IsValid: true, Seasonal: null or (>= 0 and <= RateMax) }
        && forecast.State.Trend is null or { Level: >= -30 and <= 30, Slope: >= -30 and <= 30, SlopeVariance: >= 0 and <= 30, Noise: >= 0 and <= 30 }
        && forecast.Terms.Supply is { IsDefault: false, Length: <= SupplyMax }
        && forecast.Terms.Supply.All(static s => s.AfterSeconds is >= 0 and <= SecondsMax && s.Ready is >= 0 and <= ReplicasMax);
}
