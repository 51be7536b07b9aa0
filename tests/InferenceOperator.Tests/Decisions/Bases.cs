using InferenceOperator.Core.Control;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Tests.Decisions;

/// <summary>What decisions rest on, made up.</summary>
internal static class Bases
{
    public static readonly DateTimeOffset Now = new(2030, 1, 31, 3, 4, 5, TimeSpan.Zero);

    /// <summary>900 rows/s on one replica that runs batches of up to 8 within 50 ms.</summary>
    public static DecisionBasis Busy(double rowsPerSecond = 900, string agent = "ads/ranker", DateTimeOffset? at = null)
    {
        var now = at ?? Now;
        var traffic = Traffic(rowsPerSecond);
        return new DecisionBasis
        {
            At = now,
            Agent = agent,
            Generation = 3,
            Slo = new SloSpec { Latency = new LatencySloSpec { Target = Duration.Parse("50ms") } },
            Scaling = new ScalingSpec { MaxReplicas = 6 },
            Batching = new BatchingSpec(),
            Current = new Target(1, new BatchLimits(8, default)),
            Ready = 1,
            StartUp = TimeSpan.FromSeconds(31),
            Measurement = new Measurement.Measured(traffic) { SampledAt = now.AddSeconds(-4.2), Source = MetricSource.Scrape },
            KnownFor = TimeSpan.FromMinutes(7),
            Service = new ServiceTime.Fitted(0.006, 0.0005, 1e-9, 1e-12) { MeanBatch = 5.5, RelativeNoise = 0.05 },
            Fit = new FitStatus { Fixed = Duration.Parse("6ms"), PerRow = Duration.Parse("500us"), Executions = 1234, MeanBatch = "5.5", LargestBatch = 8, Identified = true },
            LargestBatch = 8,
            Capacities = CapacityAnchors.None,
            Trim = CapacityTrim.None,
            Forecast = new ForecastBasis(
                new ForecastState(DemandTrend.Begin(now, rowsPerSecond, 1e-3), SurpriseHistogram.Unseen, [], ForecastSkill.None), new ForecastTerms(40.2, 8, 800, [new(0, 1)], 0.01), Seasonal: null),
            MostDemand = 850,
            MovedAt = now.AddMinutes(-3),
        };
    }

    /// <summary>The same with more replicas than it takes.</summary>
    public static DecisionBasis Calm(int replicas = 4)
    {
        var basis = Busy(300);
        return basis with { Current = basis.Current with { Replicas = replicas, Batching = new BatchLimits(33, default) }, Ready = replicas, LargestBatch = 40, MostDemand = 320 };
    }

    /// <summary>Nobody reports.</summary>
    public static DecisionBasis Silent() => Calm() with
    {
        Measurement = new Measurement.Unknown(UnknownReason.Stale, "the newest sample of ranker-7d9f-x2x4b is 42s old") { SampledAt = Now.AddSeconds(-42), Source = MetricSource.Prometheus },
        MetricFailure = "Prometheus: 503 Service Unavailable",
        KnownFor = TimeSpan.Zero,
        Forecast = null,
    };

    private static TrafficWindow Traffic(double rows) => new()
    {
        Short = new(5, rows, rows, rows * 0.99, rows * 5, rows * 4.9),
        Medium = new(15, rows * 0.9, rows * 0.9, rows * 0.9, rows * 13.5, rows * 13.4),
        Long = new(60, rows * 0.8, rows * 0.8, rows * 0.8, rows * 48, rows * 47.9),
        P50Seconds = 0.0123,
        P99Seconds = 0.0481,
        SloPercentileSeconds = 0.0481,
        Dispersion = 1.24,
        OverheadSeconds = 0.0005,
        QueueRows = 21,
        InFlight = 33,
        BatchSizeMax = 8,
    };
}
