using System.Collections.Immutable;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>The control loop of one agent. One owner; synchronous; not thread safe. Equal inputs give equal steps.</summary>
/// <remarks>
/// A new controller goes on from what the status says and from what runs: its first window of <c>scaleDown.window</c> only holds or
/// goes up, so a restart of the operator takes no replica away. Cost of a step: well below a millisecond, some tens of them when
/// the service time has moved and capacities are found anew.
/// </remarks>
public sealed class AgentController
{
    /// <summary>Longest time between two steps.</summary>
    public static readonly TimeSpan TickMax = TimeSpan.FromSeconds(5);

    /// <summary>Shortest time between two steps.</summary>
    public static readonly TimeSpan TickMin = TimeSpan.FromSeconds(1);

    /// <summary>Time in which a backlog is to be worked off.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(15);

    /// <summary>Steps in a row that replicas wait for a growing batch limit.</summary>
    private const int BatchFirstMax = 2;

    /// <summary>Steps in a row in which the measurements contradict themselves until that counts.</summary>
    private const int DisagreedMin = 3;

    /// <summary>Requests in the medium window from which attainment is believed.</summary>
    private const double RequestsForAttainment = 50;

    private readonly CounterHistory _history = new();
    private readonly ServiceTimeFit _fit = new();
    private readonly CapacityTable _table = new();
    private readonly ReplicaCensus _census = new();
    private readonly TrafficClock _clock = new();
    private readonly DemandWindow _window = new();
    private readonly CapacityTrim _trim = new();
    private ForecastState _forecast = ForecastState.None;
    private DemandSeason _season = DemandSeason.Unknown;
    private DateTimeOffset? _lastStep;
    private DateTimeOffset? _loweredBatch;
    private DateTimeOffset? _wentDown;
    private DateTimeOffset _lastMove;
    private Target _current = new(0, new(BatchPlanner.Start, default));
    private bool _wasInfeasible;
    private int _batchFirst;
    private int _disagreed;

    /// <summary>Looks, estimates, forecasts, plans.</summary>
    /// <param name="input">What was seen since the last step.</param>
    /// <param name="now">The time (UTC), not before the last step's.</param>
    public ControlStep Step(ControlInput input, DateTimeOffset now)
    {
        var isFirst = _lastStep is null;
        if (isFirst)
        {
            _current = Origin.Of(input, _fit);
            _lastMove = now;
        }

        var situation = Look(input, now);
        var batch = PlanBatch(input, situation, now);
        var replicas = PlanReplicas(input, situation, batch, now);
        var step = Compose(input, situation, batch, replicas, now, isFirst);
        Remember(step, now);
        return step;
    }

    private Situation Look(ControlInput input, DateTimeOffset now)
    {
        foreach (var sample in input.Samples.OrderBy(s => s.SampledAt))
        {
            _history.Add(sample);
        }

        _history.Trim(now);
        _census.Take(input.Workload.Replicas, _history.StartUps(), now);
        var slo = input.Agent.Spec.Slo;
        var measurement = _history.Observe(input.Workload.Replicas, now, input.MetricInterval, slo?.Latency.Share ?? 0.99);
        _fit.Add(_history.TakeNewExecutions(), _history.LargestBatch());

        var traffic = (measurement as Measurement.Measured)?.Traffic;
        var declared = Objective.Of(slo, traffic?.OverheadSeconds ?? 0);
        var verdict = declared.Judge(_fit.Known, _wasInfeasible);
        _wasInfeasible = verdict is SloVerdict.Infeasible;
        var objective = declared.Under(verdict);
        if (_fit.Known is { } service)
        {
            _table.Rest(service, objective, traffic?.Dispersion, traffic?.RowsPerRequest ?? 1);
        }

        _disagreed = traffic is { Disagrees: true } ? _disagreed + 1 : 0;
        var age = measurement.AgeAt(now) ?? TimeSpan.Zero;
        var horizon = (age + Tick(input) + _census.StartUp).TotalSeconds;
        var isCapped = false;
        Forecast? forecast = null;
        ForecastState? observed = null;
        if (traffic is not null)
        {
            var at = measurement.SampledAt ?? now;
            var terms = new ForecastTerms(horizon, (double)_current.Batching.MaxSize * Math.Max(1, _census.Ready), input.Agent.Spec.Scaling.ScaleDown.Window.Seconds);
            observed = DemandForecast.Observe(_forecast, traffic, at);
            _season = _season.After(at, traffic.Short.RowRate);
            (_forecast, forecast, isCapped) = DemandForecast.At(observed, traffic, DemandForecast.Seasonal(_season, at, horizon), at, terms);
        }

        return new Situation(measurement, traffic, verdict, objective, forecast, observed, isCapped, IsMissing(traffic, slo, verdict, forecast), _clock.Observe(measurement, input.MetricInterval, now));
    }

    private static bool IsMissing(TrafficWindow? traffic, SloSpec? slo, SloVerdict verdict, Forecast? forecast) =>
        traffic is not null && slo is not null && verdict is not SloVerdict.Infeasible
        && (forecast is { BacklogRows: > 0 }
            || (traffic.Medium.SloRequests >= RequestsForAttainment && traffic.Medium.Attainment < slo.Latency.Share));

    private BatchPlan PlanBatch(ControlInput input, Situation s, DateTimeOffset now)
    {
        var unknown = s.Measurement is Measurement.Unknown;
        var situation = new BatchSituation
        {
            Current = _current.Batching,
            Bounds = input.Agent.Spec.Batching,
            Objective = s.Objective,
            Service = unknown ? null : _fit.Known,
            LargestBatch = _fit.LargestBatch,
            DemandPerReplica = (s.Traffic?.Short.RowRate ?? 0) / Math.Max(1, _census.Ready),
            IsAtRisk = s.IsMissing,
            SinceLowered = now - _loweredBatch,
        };
        return BatchPlanner.Plan(situation, _table);
    }

    private ReplicaPlan PlanReplicas(ControlInput input, Situation s, BatchPlan batch, DateTimeOffset now)
    {
        var scaling = input.Agent.Spec.Scaling;
        double? demand = s.Measurement switch
        {
            Measurement.Idle => 0,
            Measurement.Measured => s.Forecast!.RowsPerSecond + (s.Forecast.BacklogRows / DrainTime.TotalSeconds),
            _ => null,
        };
        if (demand is { } known)
        {
            _window.Add(now, known);
        }

        var capacity = Capacity(batch);
        Trim(s, capacity, demand, now);
        capacity = Capacity(batch);
        return ReplicaPlanner.Plan(new ReplicaSituation
        {
            Current = _current.Replicas,
            Bounds = scaling,
            Demand = demand,
            MostDemand = _window.MostSince(now - scaling.ScaleDown.Window.ToTimeSpan()),
            Capacity = capacity,
            Latency = rows => _table.Latency(batch.Reachable, rows * _trim.Factor),
            TargetSeconds = s.Objective.SizesByUtilisation ? double.PositiveInfinity : s.Objective.TargetSeconds,
            Overdue = _census.Overdue,
            Pending = _census.Pending,
            MetricsDisagree = _disagreed >= DisagreedMin,
            KnownFor = s.KnownFor,
            SinceDown = now - _wentDown,
            BatchFirst = batch.Limits.MaxSize > _current.Batching.MaxSize && _batchFirst < BatchFirstMax,
        });
    }

    private double? Capacity(BatchPlan batch) => _fit.Known is null ? null : _table.Capacity(batch.Reachable) / _trim.Factor;

    private void Trim(Situation s, double? capacity, double? demand, DateTimeOffset now)
    {
        var settled = now - _lastMove > TimeSpan.FromSeconds(20) + _census.StartUp && _census.Pending == 0 && s.Forecast is { BacklogRows: 0 };
        var enough = settled && capacity is { } c && demand / c <= _census.Ready;
        var slow = s.Traffic?.SloPercentileSeconds;
        _trim.Observe(s.IsMissing && enough, !s.IsMissing && slow < 0.8 * s.Objective.TargetSeconds, now);
    }

    private ControlStep Compose(ControlInput input, Situation s, BatchPlan batch, ReplicaPlan replicas, DateTimeOffset now, bool isFirst)
    {
        var spec = input.Agent.Spec;
        var proposed = new Target(spec.Scaling.Replicas ?? replicas.Replicas, batch.Limits);
        var applied = spec.Scaling.Mode == ScalingMode.Auto
            ? proposed
            : new Target(spec.Scaling.Replicas ?? Math.Clamp(_current.Replicas, spec.Scaling.MinReplicas, spec.Scaling.MaxReplicas), Kept(spec.Batching));
        var rule = Rule(spec, replicas, batch, isFirst);
        var guards = Guards(s, batch, replicas, spec);
        var capacity = Capacity(batch);
        var demand = s.Forecast is null ? (double?)null : s.Forecast.RowsPerSecond * _trim.Factor / Math.Max(1, proposed.Replicas);
        var record = new DecisionRecord
        {
            At = now,
            Agent = input.Agent.Key(),
            Generation = input.Agent.Metadata.Generation,
            Mode = spec.Scaling.Mode,
            Inputs = Inputs(s),
            Fit = _fit.ToStatus(),
            Forecast = s.Forecast,
            ForecastState = s.ForecastState,
            Candidates = batch.Candidates,
            CapacityPerReplica = capacity,
            PredictedSeconds = _fit.Known is null || demand is null ? null : _table.Latency(batch.Reachable, demand.Value),
            RequiredReplicas = replicas.Required,
            Proposed = proposed,
            Applied = applied,
            Rule = rule,
            Guards = guards,
            Reason = "",
        };
        record = record with { Reason = ReasonText.Of(record, s, batch, input) };
        return new ControlStep
        {
            Decision = record,
            Replicas = applied.Replicas,
            Batching = applied.Batching,
            Measurement = s.Measurement,
            Slo = s.Verdict,
            Fit = record.Fit,
            WakeAfter = Tick(input),
        };
    }

    private BatchLimits Kept(BatchingSpec bounds) => new(
        Math.Clamp(_current.Batching.MaxSize, 1, bounds.MaxSize),
        _current.Batching.MaxDelay < bounds.MaxDelay ? _current.Batching.MaxDelay : bounds.MaxDelay);

    private DecisionRule Rule(AgentSpec spec, ReplicaPlan replicas, BatchPlan batch, bool isFirst)
    {
        var moves = replicas.Rule is DecisionRule.ScaleUp or DecisionRule.ScaleDown or DecisionRule.Bounds;
        return isFirst && !moves ? DecisionRule.Start
            : batch.Limits != _current.Batching && (!moves || spec.Scaling.Replicas is not null) ? DecisionRule.Batch
            : spec.Scaling.Replicas is not null ? DecisionRule.External
            : replicas.Rule;
    }

    private ImmutableArray<GuardRail> Guards(Situation s, BatchPlan batch, ReplicaPlan replicas, AgentSpec spec)
    {
        var guards = ImmutableArray.CreateBuilder<GuardRail>();
        guards.AddRange(batch.Guards);
        if (spec.Scaling.Replicas is null)
        {
            guards.AddRange(replicas.Guards);
        }

        if (s.IsTrendCapped)
        {
            guards.Add(GuardRail.TrendCap);
        }

        if (_trim.Factor > 1)
        {
            guards.Add(GuardRail.Trim);
        }

        if (s.Verdict is SloVerdict.Infeasible)
        {
            guards.Add(GuardRail.SloInfeasible);
        }

        return guards.ToImmutable();
    }

    private DecisionInputs Inputs(Situation s) => new()
    {
        Measurement = s.Measurement.GetType().Name,
        UnknownBecause = (s.Measurement as Measurement.Unknown)?.Detail,
        SampledAt = s.Measurement.SampledAt,
        Source = s.Measurement.Source,
        Traffic = s.Traffic,
        Replicas = _current.Replicas,
        Ready = _census.Ready,
        Pending = _census.Pending,
        Overdue = _census.Overdue + _census.Unschedulable,
        MaxBatch = _current.Batching.MaxSize,
        StartUpSeconds = _census.StartUp.TotalSeconds,
    };

    private void Remember(ControlStep step, DateTimeOffset now)
    {
        var next = step.Decision.Applied;
        _loweredBatch = next.Batching.MaxSize < _current.Batching.MaxSize ? now : _loweredBatch;
        _wentDown = next.Replicas < _current.Replicas ? now : _wentDown;
        _lastMove = next != _current ? now : _lastMove;
        _batchFirst = step.Decision.Guards.Contains(GuardRail.BatchFirst) ? _batchFirst + 1 : next.Batching.MaxSize > _current.Batching.MaxSize ? _batchFirst : 0;
        _current = next;
        _lastStep = now;
    }

    private static TimeSpan Tick(ControlInput input) => TimeSpan.FromTicks(Math.Clamp(input.MetricInterval.Ticks, TickMin.Ticks, TickMax.Ticks));
}
