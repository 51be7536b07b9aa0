using System.Collections.Immutable;
using InferenceOperator.Core.Control.Learned;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Scarcity;

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

    /// <summary>An agent without traffic is looked at after this part of the time for which it had none, at most this long after its last look.</summary>
    private const int IdleParts = 20;
    private static readonly TimeSpan IdlePaceMax = TimeSpan.FromSeconds(15);

    /// <summary>In so much time every source has given what a measurement needs.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromMinutes(1);

    /// <summary>Share of requests that latencies are shown for where no SLO names one.</summary>
    private const double ShareWithoutSlo = 0.99;

    private readonly CounterHistory _history = new();
    private readonly ServiceTimeFit _fit = new();
    private readonly CapacityMemo _memo = new();
    private readonly ReplicaCensus _census = new();
    private readonly TrafficClock _clock = new();
    private readonly IdleClock _idle = new();
    private readonly DemandWindow _window = new();
    private readonly VariantFits _variants = new();
    private readonly BudgetWindow _budget = new();
    private ImmutableArray<ModelOption> _options = [];
    private CapacityTrim _trim = CapacityTrim.None;
    private ForecastState _forecast = ForecastState.None;
    private DemandSeason _season = DemandSeason.Unknown;
    private LearnedState? _restored;
    private bool _hasStepped;
    private bool _hasMeasured;
    private DateTimeOffset _began;
    private TimeSpan _pace;
    private DateTimeOffset? _loweredBatch;
    private DateTimeOffset? _wentDown;
    private DateTimeOffset? _raised;
    private DateTimeOffset? _steadySince;
    private DateTimeOffset _lastMove;
    private Target _current = new(0, new(BatchPlanner.Start, default));
    private DateTimeOffset? _variantChangedAt;
    private DateTimeOffset? _calmSince;
    private int _batchFirst;
    private int _disagreed;

    /// <summary>Goes on from what another controller of the same agent learned. To be called before the first step, if at all.</summary>
    /// <exception cref="InvalidOperationException">It has stepped.</exception>
    public void Restore(LearnedState state)
    {
        if (_hasStepped)
        {
            throw new InvalidOperationException("the controller has decided already");
        }

        _restored = state;
        _season = SeasonText.Read(state.Season) ?? _season;
        _forecast = _forecast with { Surprises = state.Surprises, Skill = state.Skill };
        _census.Restore(state.StartUps.Select(TimeSpan.FromSeconds));
    }

    /// <summary>What it has learned by now.</summary>
    /// <param name="agent">The agent of the last step.</param>
    /// <param name="now">The time (UTC).</param>
    public LearnedState Learned(InferenceAgent agent, DateTimeOffset now) => new()
    {
        Version = LearnedState.Current,
        Agent = agent.Key(),
        Model = agent.Spec.Model.Uri,
        At = now,
        Season = SeasonText.Of(_season),
        Surprises = _forecast.Surprises,
        Skill = _forecast.Skill,
        StartUps = [.. _census.StartUps.Select(static t => t.TotalSeconds)],
        Fit = _fit.ToStatus(),
        Variants = Fits(agent),
    };

    /// <summary>Looks, estimates, forecasts, plans.</summary>
    /// <param name="input">What was seen since the last step.</param>
    /// <param name="now">The time (UTC), not before the last step's.</param>
    public ControlStep Step(ControlInput input, DateTimeOffset now)
    {
        _variants.Take([.. Chosen(input.Agent).Select(static v => v.Name)]);
        if (!_hasStepped)
        {
            _current = Origin.Of(input, _restored, _fit, _variants);
            _restored = null;
            _lastMove = _began = now;
        }

        if (input.Workload is { OtherWriter: not null, WantedReplicas: { } written })
        {
            // Their number is what is in force.
            _current = _current with { Replicas = written };
        }

        var basis = Look(input, now);
        _hasMeasured |= basis.Measurement is not Measurement.Unknown;
        var outcome = Decider.Decide(basis, _memo);
        if (input.Divide is { } divide && divide(WishOf(input, outcome)) is { Cut: { } cut } && IsOurs(input))
        {
            basis = basis with { Cut = cut };
            outcome = Decider.Decide(basis, _memo);
        }

        Remember(outcome, now);
        return new ControlStep
        {
            Decision = outcome.Record,
            Replicas = outcome.Record.Applied.Replicas,
            Batching = outcome.Record.Applied.Batching,
            Choice = outcome.Record.Applied.Choice,
            VariantFits = Fits(input.Agent),
            Measurement = basis.Measurement,
            Slo = outcome.Verdict,
            Fit = basis.Fit,
            IsNew = !_hasMeasured && now - _began < FirstLook,
            WakeAfter = _pace = Pace(input, basis),
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
        var largest = _history.LargestBatch();
        _fit.Add(_variants.Learn(_history.TakeNewExecutions(), _history.TakeNewVariantExecutions(), largest), largest);
        var traffic = (measurement as Measurement.Measured)?.Traffic;
        _disagreed = traffic is { Disagrees: true } ? _disagreed + 1 : 0;
        var isDraining = traffic is { Medium: var medium } && traffic.QueueRows > (double)_current.Batching.MaxSize * _census.Ready && medium.AnswerRate > medium.RequestRate;
        var isSteady = _census is { Pending: 0, Unschedulable: 0 } && _census.Ready + _census.Overdue >= _current.Replicas && !isDraining;
        _steadySince = isSteady ? _steadySince ?? now : null;
        var came = _history.TakeNewSlo();
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
            KnownFor = _clock.Observe(measurement, input.MetricInterval, _pace, now),
            IdleFor = _idle.Observe(measurement, now),
            Endpoint = input.Workload.Endpoint,
            OtherWriter = input.Workload.OtherWriter,
            DisagreedSteps = _disagreed,
            Service = _fit.Known,
            Fit = _fit.ToStatus(),
            LargestBatch = _fit.LargestBatch,
            Capacities = Remembered(VariantShares.Full)?.Table.Anchors ?? CapacityAnchors.None,
            Trim = _trim,
            WasInfeasible = Remembered(VariantShares.Full)?.Verdict is SloVerdict.Infeasible,
            Variants = Variants(input),
            ReplicaPrice = input.Prices?.PerReplicaHour(spec.Gpu),
            Forecast = traffic is null ? null : LookAhead(input, measurement, traffic, now),
            MostDemand = _window.MostSince(now - spec.Scaling.ScaleDown.Window.ToTimeSpan()),
            BatchFirstSteps = _batchFirst,
            LoweredBatchAt = _loweredBatch,
            WentDownAt = _wentDown,
            MovedAt = _lastMove,
            Budget = spec.Slo is { } slo ? new(_budget.After(slo.Latency, came, now), _steadySince, _raised) : null,
        };
    }

    private VariantsBasis? Variants(ControlInput input)
    {
        var chosen = Chosen(input.Agent).ToList();
        if (chosen.Count == 0)
        {
            return null;
        }

        var resident = _history.ResidentVariants(input.Workload.Replicas.Where(static r => r.Phase == ReplicaPhase.Ready).Select(static r => r.Name));
        var quantization = input.Agent.Spec.Quantization;
        return new VariantsBasis
        {
            Options =
            [
                .. chosen.Select(v => new VariantBasis
                {
                    Name = v.Name,
                    Use = v.Use,
                    Accuracy = v.AccuracyShare,
                    IsResident = resident.Contains(v.Name),
                    Service = _variants.Of(v.Name)?.Known,
                    LargestBatch = _variants.Of(v.Name)?.LargestBatch ?? 0,
                    Capacities = Remembered(v.Name)?.Table.Anchors ?? CapacityAnchors.None,
                    WasInfeasible = Remembered(v.Name)?.Verdict is SloVerdict.Infeasible,
                }),
            ],
            AccuracyFloor = quantization.AccuracyFloor,
            AccuracyPrice = quantization.AccuracyPricePerHour,
            ChangedAt = _variantChangedAt,
            CalmSince = _calmSince,
        };
    }

    private ModelOption? Remembered(string name) => _options.FirstOrDefault(o => o.Name == name);

    private ImmutableArray<VariantStatus> Fits(InferenceAgent agent) =>
        [.. Chosen(agent).Select(v => (v.Name, Model: _variants.Of(v.Name)?.ToStatus())).Where(static v => v.Model is not null).Select(static v => new VariantStatus { Name = v.Name, Model = v.Model! })]; // Filtered before.

    /// <summary>Variants that the operator may choose.</summary>
    private static IEnumerable<VariantSpec> Chosen(InferenceAgent agent) => (agent.Spec.Variants ?? []).Where(static v => v.Use != VariantUse.Share);

    private ForecastBasis LookAhead(ControlInput input, Measurement measurement, TrafficWindow traffic, DateTimeOffset now)
    {
        var at = measurement.SampledAt ?? now;
        var terms = new ForecastTerms(
            (now - at + Tick(input) + _census.StartUp).TotalSeconds,
            (double)_current.Batching.MaxSize * Math.Max(1, _census.Ready),
            _fit.Known is { } service ? _current.Batching.MaxSize / service.Mean(_current.Batching.MaxSize) : 0,
            _census.Supply(at, now),
            1 - (input.Agent.Spec.Slo?.Latency.Share ?? ShareWithoutSlo));
        _season = _season.After(at, traffic.Short.RowRate);
        return new(DemandForecast.Observe(_forecast, traffic, at), terms, DemandForecast.Seasonal(_season, at, terms.HorizonSeconds));
    }

    private static ReplicaAsk WishOf(ControlInput input, DecisionOutcome outcome)
    {
        var (agent, spec) = (input.Agent, input.Agent.Spec);
        var planned = input.Workload is { OtherWriter: not null, WantedReplicas: { } theirs } ? theirs : outcome.Record.Applied.Replicas;
        var wanted = Math.Min(planned, ReplicaAsk.ReplicasMax);
        return new ReplicaAsk
        {
            Agent = agent.Key(),
            Namespace = agent.Metadata.Namespace,
            Priority = spec.Slo?.Priority ?? 0,
            Resource = spec.Gpu.Resource,
            GpusPerReplica = spec.Gpu.Count,
            MinReplicas = spec.Scaling.MinReplicas,
            Held = outcome.Record.Basis.Current.Replicas,
            Wanted = wanted,
            Utility = outcome.Utility(wanted),
            IsFixed = !IsOurs(input),
        };
    }

    private static bool IsOurs(ControlInput input) => input is { Agent.Spec.Scaling: { Mode: ScalingMode.Auto, Replicas: null }, Workload.OtherWriter: null };

    private void Remember(DecisionOutcome outcome, DateTimeOffset now)
    {
        var next = outcome.Record.Applied;
        _loweredBatch = next.Batching.MaxSize < _current.Batching.MaxSize ? now : _loweredBatch;
        _wentDown = next.Replicas < _current.Replicas ? now : _wentDown;
        _raised = next.Replicas > _current.Replicas && outcome.Record.Guards.Contains(GuardRail.BurnRate) ? now : _raised;
        _lastMove = next != _current ? now : _lastMove;
        _batchFirst = outcome.Record.Guards.Contains(GuardRail.BatchFirst) ? _batchFirst + 1 : next.Batching.MaxSize > _current.Batching.MaxSize ? _batchFirst : 0;
        _variantChangedAt = next.Choice.Steady != _current.Choice.Steady ? now : _variantChangedAt;
        _calmSince = outcome.CalmSince;
        _current = next;
        _hasStepped = true;
        _forecast = outcome.ForecastState ?? _forecast;
        _options = outcome.Options;
        _memo.KeepOnly([.. _options.Select(static o => o.Table.Anchors)]);
        _trim = outcome.Trim;
        if (outcome.Demand is { } demand)
        {
            _window.Add(now, demand);
        }
    }

    // Requests that an endpoint holds are heard of at once, but who lets the last replica go has to look closely first.
    private static TimeSpan Pace(ControlInput input, DecisionBasis basis)
    {
        var tick = Tick(input);
        return basis is { IdleFor: var idle, Pending: 0, Endpoint: null } && idle > tick * IdleParts ? (idle / IdleParts < IdlePaceMax ? idle / IdleParts : IdlePaceMax) : tick;
    }

    private static TimeSpan Tick(ControlInput input) => TimeSpan.FromTicks(Math.Clamp(input.MetricInterval.Ticks, TickMin.Ticks, TickMax.Ticks));
}
