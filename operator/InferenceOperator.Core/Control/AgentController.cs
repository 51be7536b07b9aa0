using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;

namespace InferenceOperator.Core.Control;

/// <summary>The control loop of one agent. One owner; synchronous; not thread safe. Equal inputs give equal steps.</summary>
/// <remarks>
/// It looks and remembers; what it decides is a pure function of the basis that it puts together (<see cref="DecisionRules"/>).
/// A new controller goes on from what the status says and from what runs: its first window of <c>scaleDown.window</c> only holds or
/// goes up, so a restart of the operator takes no replica away. Cost of a step: well below a millisecond, some of them when
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

    /// <summary>Share of requests that latencies are shown for where no SLO names one.</summary>
    private const double ShareWithoutSlo = 0.99;

    private readonly CounterHistory _history = new();
    private readonly ServiceTimeFit _fit = new();
    private readonly CapacityMemo _memo = new();
    private readonly ReplicaCensus _census = new();
    private readonly TrafficClock _clock = new();
    private readonly DemandWindow _window = new();
    private CapacityAnchors _capacities = CapacityAnchors.None;
    private CapacityTrim _trim = CapacityTrim.None;
    private ForecastState _forecast = ForecastState.None;
    private DemandSeason _season = DemandSeason.Unknown;
    private bool _hasStepped;
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
        if (!_hasStepped)
        {
            _current = Origin.Of(input, _fit);
            _lastMove = now;
        }

        var basis = Look(input, now);
        var outcome = Decider.Decide(basis, _memo);
        Remember(outcome, now);
        return new ControlStep
        {
            Decision = outcome.Record,
            Replicas = outcome.Record.Applied.Replicas,
            Batching = outcome.Record.Applied.Batching,
            Measurement = basis.Measurement,
            Slo = outcome.Verdict,
            Fit = basis.Fit,
            WakeAfter = Tick(input),
        };
    }

    private DecisionBasis Look(ControlInput input, DateTimeOffset now)
    {
        foreach (var sample in input.Samples.OrderBy(s => s.SampledAt))
        {
            _history.Add(sample);
        }

        _history.Trim(now);
        _census.Take(input.Workload.Replicas, _history.StartUps(), now);
        var spec = input.Agent.Spec;
        var measurement = _history.Observe(input.Workload.Replicas, now, input.MetricInterval, spec.Slo?.Latency.Share ?? ShareWithoutSlo);
        _fit.Add(_history.TakeNewExecutions(), _history.LargestBatch());
        var traffic = (measurement as Measurement.Measured)?.Traffic;
        _disagreed = traffic is { Disagrees: true } ? _disagreed + 1 : 0;
        return new DecisionBasis
        {
            At = now,
            Agent = input.Agent.Key(),
            Generation = input.Agent.Metadata.Generation,
            Slo = spec.Slo,
            Scaling = spec.Scaling,
            Batching = spec.Batching with { Buckets = null, Pad = null },
            IsFirst = !_hasStepped,
            Current = _current,
            Ready = _census.Ready,
            Pending = _census.Pending,
            Overdue = _census.Overdue,
            Unschedulable = _census.Unschedulable,
            StartUp = _census.StartUp,
            Measurement = measurement,
            MetricFailure = input.MetricFailure,
            KnownFor = _clock.Observe(measurement, input.MetricInterval, now),
            DisagreedSteps = _disagreed,
            Service = _fit.Known,
            Fit = _fit.ToStatus(),
            LargestBatch = _fit.LargestBatch,
            Capacities = _capacities,
            Trim = _trim,
            WasInfeasible = _wasInfeasible,
            Forecast = traffic is null ? null : LookAhead(input, measurement, traffic, now),
            MostDemand = _window.MostSince(now - spec.Scaling.ScaleDown.Window.ToTimeSpan()),
            BatchFirstSteps = _batchFirst,
            LoweredBatchAt = _loweredBatch,
            WentDownAt = _wentDown,
            MovedAt = _lastMove,
        };
    }

    private ForecastBasis LookAhead(ControlInput input, Measurement measurement, TrafficWindow traffic, DateTimeOffset now)
    {
        var at = measurement.SampledAt ?? now;
        var terms = new ForecastTerms(
            (now - at + Tick(input) + _census.StartUp).TotalSeconds,
            (double)_current.Batching.MaxSize * Math.Max(1, _census.Ready),
            _fit.Known is { } service ? _current.Batching.MaxSize / service.Mean(_current.Batching.MaxSize) : 0,
            _census.Supply(at, now));
        _season = _season.After(at, traffic.Short.RowRate);
        return new(DemandForecast.Observe(_forecast, traffic, at), terms, DemandForecast.Seasonal(_season, at, terms.HorizonSeconds));
    }

    private void Remember(DecisionOutcome outcome, DateTimeOffset now)
    {
        var next = outcome.Record.Applied;
        _loweredBatch = next.Batching.MaxSize < _current.Batching.MaxSize ? now : _loweredBatch;
        _wentDown = next.Replicas < _current.Replicas ? now : _wentDown;
        _lastMove = next != _current ? now : _lastMove;
        _batchFirst = outcome.Record.Guards.Contains(GuardRail.BatchFirst) ? _batchFirst + 1 : next.Batching.MaxSize > _current.Batching.MaxSize ? _batchFirst : 0;
        _current = next;
        _hasStepped = true;
        _wasInfeasible = outcome.Verdict is SloVerdict.Infeasible;
        _forecast = outcome.ForecastState ?? _forecast;
        _capacities = outcome.Capacities;
        _memo.KeepOnly(_capacities);
        _trim = outcome.Trim;
        if (outcome.Demand is { } demand)
        {
            _window.Add(now, demand);
        }
    }

    private static TimeSpan Tick(ControlInput input) => TimeSpan.FromTicks(Math.Clamp(input.MetricInterval.Ticks, TickMin.Ticks, TickMax.Ticks));
}
