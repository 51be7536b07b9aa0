using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Tests.Plants;

/// <summary>An agent's replicas under open-loop load, simulated event by event, with the controller in the loop.</summary>
internal sealed class Plant
{
    public static readonly DateTimeOffset Origin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Random _random;
    private readonly List<SimulatedReplica> _replicas = [];
    private readonly List<(double Answered, double Met)> _ended = [];
    private List<SimulatedReplica> _ready = [];
    private double _nextReadyAt;
    private double _nextArrival;
    private int _created;

    public Plant(int seed, InferenceAgent agent, int replicas = 1)
    {
        _random = new Random(seed);
        Agent = agent;
        for (var i = 0; i < replicas; i++)
        {
            _replicas.Add(Create(-60, -30));
        }
    }

    public InferenceAgent Agent { get; set; }

    public AgentController Controller { get; private set; } = new();

    /// <summary>Requests per second at a time.</summary>
    public Func<double, double> Rate { get; set; } = _ => 10;

    /// <summary>Seconds of an execution of so many rows at a time.</summary>
    public Func<int, double, double> Service { get; set; } = (rows, _) => 0.006 + (0.0005 * rows);

    /// <summary>False: no sample reaches the operator at that time.</summary>
    public Func<double, bool> IsScraped { get; set; } = _ => true;

    /// <summary>What becomes of the samples on their way to the operator, by time; they come as a scrape of the replicas.</summary>
    public Func<double, IReadOnlyList<ReplicaSample>, IEnumerable<ReplicaSample>> Relay { get; set; } = (_, samples) => samples;

    public double StartUpSeconds { get; set; } = 20;

    public double Interval { get; set; } = 5;

    public double Now { get; private set; }

    public List<(double At, ControlStep Step)> Steps { get; } = [];

    public ControlStep Last => Steps[^1].Step;

    public int Running => _replicas.Count;

    public int Batch => Last.Batching.MaxSize;

    /// <summary>The operator restarts: what it knew is gone but for the status.</summary>
    public void RestartController()
    {
        if (Steps.Count > 0)
        {
            Agent = Agent with { Status = StatusPlanner.Plan(Agent, Last, Workload(), Origin + TimeSpan.FromSeconds(Now)) };
        }

        Controller = new AgentController();
    }

    /// <summary>Runs on and returns the share of requests answered within the SLO meanwhile.</summary>
    public double Run(double seconds)
    {
        var before = Totals();
        for (var end = Now + seconds; Now < end - 1e-9;)
        {
            var tick = Math.Min(end, Now + Interval);
            Serve(tick);
            Now = tick;
            Control();
        }

        var after = Totals();
        return after.Answered > before.Answered ? (after.Met - before.Met) / (after.Answered - before.Answered) : 1;
    }

    private void Serve(double until)
    {
        _nextReadyAt = 0;
        var slo = Slo();
        if (_nextArrival < Now)
        {
            _nextArrival = Now;
        }

        while (true)
        {
            var rate = Rate(_nextArrival);
            _nextArrival += rate > 0 ? -Math.Log(1 - _random.NextDouble()) / rate : 0.1;
            if (_nextArrival >= until)
            {
                break;
            }

            if (rate > 0)
            {
                Route(_nextArrival).Arrive(_nextArrival, Service, slo);
            }
        }

        foreach (var replica in _replicas)
        {
            replica.Advance(until, Service, slo);
        }
    }

    private SimulatedReplica Route(double at)
    {
        if (at >= _nextReadyAt || _ready.Count == 0)
        {
            _ready = [.. _replicas.Where(r => r.ReadyAt <= at)];
            _nextReadyAt = _replicas.Where(r => r.ReadyAt > at).Select(r => r.ReadyAt).DefaultIfEmpty(double.PositiveInfinity).Min();
        }

        var (a, b) = (_ready[_random.Next(_ready.Count)], _ready[_random.Next(_ready.Count)]);
        a.Advance(at, Service, Slo());
        b.Advance(at, Service, Slo());
        return a.Outstanding <= b.Outstanding ? a : b;
    }

    private void Control()
    {
        var now = Origin + TimeSpan.FromSeconds(Now);
        var step = Controller.Step(Input(), now);
        Steps.Add((Now, step));
        foreach (var replica in _replicas)
        {
            replica.MaxBatch = step.Batching.MaxSize;
        }

        while (_replicas.Count < step.Replicas)
        {
            _replicas.Add(Create(Now, Now + StartUpSeconds));
        }

        while (_replicas.Count > step.Replicas)
        {
            // Drained: what it still has it answers, out of sight.
            var gone = _replicas[^1];
            gone.Advance(Now + 600, Service, Slo());
            _ended.Add((gone.Answered, gone.SloMet));
            _replicas.RemoveAt(_replicas.Count - 1);
        }
    }

    public ControlInput Input() => new()
    {
        Agent = Agent,
        Workload = Workload(),
        MetricInterval = TimeSpan.FromSeconds(Interval),
        Samples = IsScraped(Now)
            ? [.. Relay(Now, [.. _replicas.Where(r => r.ReadyAt <= Now).Select(r => new ReplicaSample(r.Name, Origin + TimeSpan.FromSeconds(Now), MetricSource.Scrape, r.Counters(Slo())))])]
            : [],
    };

    private WorkloadObservation Workload() => new()
    {
        WantedReplicas = _replicas.Count,
        Replicas =
        [
            .. _replicas.Select(r => r.ReadyAt <= Now
                ? new ReplicaObservation(r.Name, ReplicaPhase.Ready, Origin + TimeSpan.FromSeconds(r.ReadyAt))
                : new ReplicaObservation(r.Name, ReplicaPhase.Starting, Origin + TimeSpan.FromSeconds(r.CreatedAt))),
        ],
    };

    private SimulatedReplica Create(double createdAt, double readyAt) =>
        new($"replica-{_created++}", createdAt, readyAt, Origin) { MaxBatch = Steps.Count > 0 ? Batch : 1 };

    private double Slo() => Agent.Spec.Slo?.Latency.Target.Seconds ?? 1;

    private (double Answered, double Met) Totals() => (
        _replicas.Sum(r => r.Answered) + _ended.Sum(e => e.Answered),
        _replicas.Sum(r => r.SloMet) + _ended.Sum(e => e.Met));
}
