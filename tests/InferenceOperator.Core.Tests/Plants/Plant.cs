using InferenceOperator.Core.Control;
using InferenceOperator.Core.Control.Learned;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Scarcity;
using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Measuring;
using InferenceOperator.Core.Simulation.Plant;
using InferenceOperator.Core.Simulation.Policies;

namespace InferenceOperator.Core.Tests.Plants;

/// <summary>The simulator's plant with the controller in the loop, and a load, service times and faults that a test changes as it goes.</summary>
internal sealed class Plant(int seed, InferenceAgent agent, int replicas = 1)
{
    public static readonly DateTimeOffset Origin = AgentPolicy.Origin;

    private readonly Arrivals _arrivals = new();
    private readonly Random _random = new(seed);
    private ServingPlant? _serving;
    private double _nextArrival;

    public InferenceAgent Agent { get; set; } = agent;

    public AgentController Controller { get; private set; } = new();

    /// <summary>Requests per second at a time.</summary>
    public Func<double, double> Rate { get; set; } = _ => 10;

    /// <summary>Seconds of an execution of so many rows at a time.</summary>
    public Func<int, double, double> Service { get; set; } = (rows, _) => 0.006 + (0.0005 * rows);

    /// <summary>False: no sample reaches the operator at that time.</summary>
    public Func<double, bool> IsScraped { get; set; } = _ => true;

    /// <summary>What becomes of the samples on their way to the operator, by time; they come as a scrape of the replicas.</summary>
    public Func<double, IReadOnlyList<ReplicaSample>, IEnumerable<ReplicaSample>> Relay { get; set; } = (_, samples) => samples;

    /// <summary>How many times faster the agent's variant is, where it has one.</summary>
    public double BurstSpeed { get; set; } = 2;

    /// <summary>Divides scarce GPUs; null: nothing is scarce.</summary>
    public Func<ReplicaAsk, Grant>? Divide { get; set; }

    /// <summary>What lets requests wait, by time; null: nothing does.</summary>
    public Func<double, HoldingEndpoint?> Endpoint { get; set; } = _ => null;

    /// <summary>Who else writes the number of replicas, by time, and what they wrote; null: nobody.</summary>
    public Func<double, (string Writer, int Replicas)?> Other { get; set; } = _ => null;

    public double StartUpSeconds { get; init; } = 20;

    public double Interval { get; init; } = 5;

    public double Now => Serving.Now;

    public List<(double At, ControlStep Step)> Steps { get; } = [];

    public ControlStep Last => Steps[^1].Step;

    public int Running => Serving.Wanted;

    public int Batch => Last.Batching.MaxSize;

    private ServingPlant Serving => _serving ??= new(
        new PlantSettings
        {
            Service = new() { Fixed = 0.006, PerRow = 0.0005 },
            StartUp = new StartUp.Always(StartUpSeconds),
            MaxBatch = 1,
            OverheadSeconds = 0.0005,
        },
        _arrivals, new Executions(this), Slo(), (ulong)seed, replicas);

    /// <summary>The operator restarts: what it knew is gone but for the status and, unless that is lost, what was kept of what it learned.</summary>
    public void RestartController(bool isKept = false)
    {
        var learned = isKept ? LearnedState.Read(Controller.Learned(Agent, Origin + TimeSpan.FromSeconds(Now)).Write(), Agent) : null;
        if (Steps.Count > 0)
        {
            Agent = Agent with { Status = StatusPlanner.Plan(Agent, Last, Workload(), Origin + TimeSpan.FromSeconds(Now)) };
        }

        Controller = new AgentController();
        if (learned is not null)
        {
            Controller.Restore(learned);
        }
    }

    /// <summary>Runs on and returns the share of requests answered within the SLO meanwhile.</summary>
    public double Run(double seconds)
    {
        var before = Serving.Counts;
        for (var end = Now + seconds; Now < end - 1e-9;)
        {
            var tick = Math.Min(end, Now + Interval);
            Offer(tick);
            Serving.AdvanceTo(tick);
            Control();
        }

        var answered = Serving.Counts - before;
        return answered.Answered > 0 ? (double)answered.Met / answered.Answered : 1;
    }

    public ControlInput Input() => new()
    {
        Agent = Agent,
        Workload = Workload(),
        MetricInterval = TimeSpan.FromSeconds(Interval),
        Divide = Divide,
        Samples = IsScraped(Now)
            ? [.. Relay(Now, [.. Serving.Replicas.Where(r => r.Phase == ReplicaPhase.Ready).Select(r => AgentPolicy.Sample(
                new ReplicaReading(r.Name, r.ProcessStartedAt, r.Since - r.ProcessStartedAt, r.Totals(Now, Serving.MaxBatch, Serving.MaxDelaySeconds), r.Latencies(), r.Rows()), Now, Slo(), Agent.Spec.Variants?[0].Name))])]
            : [],
    };

    private void Offer(double until)
    {
        _nextArrival = Math.Max(_nextArrival, Now);
        while (_nextArrival < until)
        {
            var rate = Rate(_nextArrival);
            _nextArrival += rate > 0 ? -Math.Log(1 - _random.NextDouble()) / rate : 0.1;
            if (rate > 0 && _nextArrival < until)
            {
                _arrivals.Times.Enqueue(_nextArrival);
            }
        }
    }

    private void Control()
    {
        var step = Controller.Step(Input(), Origin + TimeSpan.FromSeconds(Now));
        Steps.Add((Now, step));
        Serving.MaxBatch = step.Batching.MaxSize;
        Serving.MaxDelaySeconds = step.Batching.MaxDelay.Seconds;
        Serving.BurstShare = step.Choice.Answers == VariantShares.Full ? 0 : 1;
        Serving.Scale(step.Replicas);
    }

    private WorkloadObservation Workload() => new()
    {
        WantedReplicas = Other(Now)?.Replicas ?? Serving.Wanted,
        Endpoint = Endpoint(Now),
        OtherWriter = Other(Now)?.Writer,
        Replicas = [.. Serving.Replicas.Select(static r => new ReplicaObservation(r.Name, r.Phase, Origin + TimeSpan.FromSeconds(r.Since)))],
    };

    private double Slo() => Agent.Spec.Slo?.Latency.Target.Seconds ?? 1;

    private sealed class Arrivals : ArrivalProcess
    {
        public Queue<double> Times { get; } = new();

        public override double Next() => Times.TryDequeue(out var time) ? time : double.PositiveInfinity;
    }

    private sealed class Executions(Plant plant) : ServiceModel
    {
        public override double Seconds(int rows, double at, bool isBurst) => plant.Service(rows, at) / (isBurst ? plant.BurstSpeed : 1);
    }
}
