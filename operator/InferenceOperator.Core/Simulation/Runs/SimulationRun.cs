using System.Collections.Immutable;
using InferenceOperator.Core.Simulation.Measuring;
using InferenceOperator.Core.Simulation.Plant;
using InferenceOperator.Core.Simulation.Policies;

namespace InferenceOperator.Core.Simulation.Runs;

/// <summary>One policy in one scenario with one seed, from begin to end. Synchronous; equal arguments give equal results.</summary>
public sealed class SimulationRun
{
    private const double MinuteSeconds = 60;

    private readonly Scenario _scenario;
    private readonly IScalingPolicy _policy;
    private readonly ReplicaCapacity _capacity;
    private readonly ServingPlant _plant;
    private readonly MetricsPlane _metrics;
    private readonly string _name;
    private readonly ulong _seed;
    private readonly LatencyHistogram _minute = new();
    private readonly LatencyHistogram _all = new();
    private readonly ImmutableArray<SeriesPoint>.Builder _series = ImmutableArray.CreateBuilder<SeriesPoint>();
    private RequestCounts _lastCounts;
    private RequestCounts _warmCounts;
    private double _warmPaid;
    private double _bound;
    private int _minutes;
    private int _goodMinutes;
    private int _actions;
    private int _reversals;
    private int _batchChanges;
    private int _variantChanges;
    private int _direction;

    /// <param name="name">What the policy is called in results.</param>
    /// <param name="policy">Made for this run alone.</param>
    /// <param name="scenario">What it meets.</param>
    /// <param name="capacity">Of one replica; for the demand that results are held against.</param>
    /// <param name="seed">Of everything that is drawn.</param>
    public SimulationRun(string name, IScalingPolicy policy, Scenario scenario, ReplicaCapacity capacity, ulong seed)
    {
        (_name, _policy, _scenario, _capacity, _seed) = (name, policy, scenario, capacity, seed);
        var settings = policy.StartsAtOnce ? scenario.Plant with { StartUp = new StartUp.Always(0) } : scenario.Plant;
        _metrics = new(scenario.Metrics with { IntervalSeconds = policy.ScrapeSeconds ?? scenario.Metrics.IntervalSeconds }, seed, policy.ReadsReplicas);
        _plant = new(
            settings, scenario.Workload.Begin(seed), new FittedService(settings.Service, seed), scenario.SloSeconds, seed, InitialReplicas(scenario, capacity), policy.NewBatchRule);
    }

    /// <summary>Replicas that a scenario begins with.</summary>
    public static int InitialReplicas(Scenario scenario, ReplicaCapacity capacity) =>
        Math.Clamp(scenario.Initial ?? capacity.ReplicasFor(scenario.Workload.RateAt(0)), Math.Max(1, scenario.Min), scenario.Max);

    /// <summary>Runs to the end.</summary>
    /// <param name="progress">Told the share that is done, every hundredth; null: nobody asks.</param>
    public RunResult Run(Action<double>? progress = null)
    {
        var end = _scenario.Workload.Seconds;
        var scrape = new Pace(_policy.ScrapeSeconds ?? _scenario.Metrics.IntervalSeconds);
        var decision = new Pace(_policy.PeriodSeconds);
        var interval = new Pace(Scenario.IntervalSeconds);
        var warm = _scenario.WarmUpSeconds <= 0;
        var told = 0.0;
        if (_policy.StartsAtOnce)
        {
            Decide();
        }

        while (_plant.Now < end)
        {
            var to = Math.Min(end, Math.Min(scrape.Next, Math.Min(decision.Next, interval.Next)));
            _plant.AdvanceTo(to);
            if (interval.IsDue(to) || to >= end)
            {
                Close(warm);
                if (!warm && to >= _scenario.WarmUpSeconds)
                {
                    (warm, _warmCounts, _warmPaid) = (true, _plant.Counts, _plant.PaidSeconds);
                    _minute.Clear();
                }
            }

            if (scrape.IsDue(to))
            {
                _metrics.Scrape(_plant);
            }

            if (decision.IsDue(to))
            {
                Decide();
            }

            if (progress is not null && to / end >= told + 0.01)
            {
                told = to / end;
                progress(told);
            }
        }

        return Result(end);
    }

    private void Close(bool warm)
    {
        var counts = _plant.Counts - _lastCounts;
        _lastCounts = _plant.Counts;
        if (warm)
        {
            var at = _plant.Now;
            var rate = _scenario.Workload.RateAt(at - (Scenario.IntervalSeconds / 2));
            var needed = Math.Clamp(_capacity.ReplicasFor(rate), Math.Max(1, _scenario.Min), _scenario.Max);
            _bound += needed * Scenario.IntervalSeconds;
            _series.Add(new(
                at, counts.Arrived / Scenario.IntervalSeconds, _plant.Wanted, _plant.Ready, _plant.Paid, needed,
                _plant.Latencies.Quantile(_scenario.SloShare), counts.Settled - counts.Met, _plant.MaxBatch, _plant.BurstShare));
            _minute.Add(_plant.Latencies);
            _all.Add(_plant.Latencies);
            if (Math.Abs(Math.IEEERemainder(at - _scenario.WarmUpSeconds, MinuteSeconds)) < 1e-6 && _minute.Quantile(_scenario.SloShare) is { } latency)
            {
                _minutes++;
                _goodMinutes += latency <= _scenario.SloSeconds ? 1 : 0;
                _minute.Clear();
            }
        }

        _plant.Latencies.Clear();
    }

    private void Decide()
    {
        _metrics.History.Show(_plant.Now);
        var decision = _policy.Decide(new()
        {
            Now = _plant.Now,
            Metrics = _metrics.History,
            Wanted = _plant.Wanted,
            Replicas = [.. _plant.Replicas.Select(static r => new ReplicaStanding(r.Name, r.Phase, r.Since))],
            Min = _scenario.Min,
            Max = _scenario.Max,
        });
        Count(decision);
        _plant.MaxBatch = decision.MaxBatch ?? _plant.MaxBatch;
        _plant.MaxDelaySeconds = decision.MaxDelaySeconds ?? _plant.MaxDelaySeconds;
        _plant.BurstShare = decision.BurstShare;
        _plant.Scale(Math.Clamp(decision.Replicas, _scenario.Min, _scenario.Max));
    }

    private void Count(ScalingDecision decision)
    {
        if (_plant.Now < _scenario.WarmUpSeconds)
        {
            return;
        }

        var change = Math.Sign(Math.Clamp(decision.Replicas, _scenario.Min, _scenario.Max) - _plant.Wanted);
        _actions += change != 0 ? 1 : 0;
        _reversals += change * _direction < 0 ? 1 : 0;
        _direction = change != 0 ? change : _direction;
        _batchChanges += decision.MaxBatch is { } batch && batch != _plant.MaxBatch ? 1 : 0;
        _variantChanges += decision.BurstShare > 0 != _plant.BurstShare > 0 ? 1 : 0;
    }

    private RunResult Result(double end)
    {
        var series = _series.ToImmutable();
        var hours = Math.Max(0, end - _scenario.WarmUpSeconds) / 3600;
        var gpuHours = (_plant.PaidSeconds - _warmPaid) / 3600;
        return new()
        {
            Policy = _name,
            Seed = _seed,
            Hours = hours,
            Counts = _plant.Counts - _warmCounts,
            Overdue = _plant.Replicas.Sum(r => (long)r.HeldLongerThan(_scenario.SloSeconds, end)),
            Latency = (_all.Quantile(0.5) ?? 0, _all.Quantile(0.99) ?? 0, _all.Quantile(0.999) ?? 0),
            GoodMinutes = _minutes > 0 ? (double)_goodMinutes / _minutes : 1,
            GpuHours = gpuHours,
            BoundGpuHours = _bound / 3600,
            Cost = gpuHours * _scenario.PricePerHour,
            ScaleActions = _actions,
            Reversals = _reversals,
            BatchChanges = _batchChanges,
            VariantChanges = _variantChanges,
            Recovery = Recovery.Of(series, _scenario.SloSeconds),
            Elasticity = Elasticity.Of(series),
            Series = series,
        };
    }

    /// <summary>Multiples of a period, without the error of adding it up.</summary>
    private sealed class Pace(double period)
    {
        private long _count = 1;

        public double Next => _count * period;

        public bool IsDue(double at)
        {
            var due = at >= Next;
            _count += due ? 1 : 0;
            return due;
        }
    }
}
