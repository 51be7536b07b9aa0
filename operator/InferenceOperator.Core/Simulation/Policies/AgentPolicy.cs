using System.Collections.Immutable;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Scarcity;
using InferenceOperator.Core.Simulation.Measuring;

namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>Our own controller: the code that runs in the cluster, fed with the counters that the runtime would export. It is told no fit, no capacity, no start-up time.</summary>
public sealed class AgentPolicy : IScalingPolicy
{
    /// <summary>The begin of a story, as a date.</summary>
    public static readonly DateTimeOffset Origin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Name of the faster variant where there is one.</summary>
    private const string Burst = "burst";

    private static readonly ImmutableSortedDictionary<string, ExecutionSums> None = ImmutableSortedDictionary.Create<string, ExecutionSums>(StringComparer.Ordinal);

    private readonly AgentController _controller = new();
    private readonly InferenceAgent _agent;
    private readonly TimeSpan _interval;
    private double _seenUntil;

    /// <param name="agent">The resource.</param>
    /// <param name="intervalSeconds">Time between two scrapes.</param>
    public AgentPolicy(InferenceAgent agent, double intervalSeconds)
    {
        _agent = agent;
        _interval = TimeSpan.FromSeconds(intervalSeconds);
        PeriodSeconds = Math.Clamp(intervalSeconds, AgentController.TickMin.TotalSeconds, AgentController.TickMax.TotalSeconds);
    }

    public double PeriodSeconds { get; }

    public bool ReadsReplicas => true;

    /// <summary>Divides scarce GPUs among several agents; null: nothing is scarce.</summary>
    public Func<ReplicaAsk, Grant>? Divide { get; init; }

    /// <summary>The last step; null before the first.</summary>
    public ControlStep? Last { get; private set; }

    public ScalingDecision Decide(PolicyView view)
    {
        Last = _controller.Step(
            new ControlInput
            {
                Agent = _agent,
                Workload = new() { WantedReplicas = view.Wanted, Replicas = [.. view.Replicas.Select(Observation)] },
                MetricInterval = _interval,
                Samples = Samples(view.Metrics),
                Divide = Divide,
            },
            Origin + TimeSpan.FromSeconds(view.Now));
        return new(Last.Replicas, Last.Batching.MaxSize, Last.Batching.MaxDelay.Seconds, Last.Choice.Answers == VariantShares.Full ? 0 : 1);
    }

    /// <summary>An agent as the simulator declares it to the controller.</summary>
    /// <param name="sloSeconds">The target.</param>
    /// <param name="share">The percentile, as a share.</param>
    /// <param name="min">Fewest replicas, at least 1.</param>
    /// <param name="max">Most replicas.</param>
    /// <param name="maxBatch">Most rows in one execution; in force at the start too.</param>
    /// <param name="hasBurst">True: there is a faster variant that may answer while replicas start.</param>
    public static InferenceAgent Declare(double sloSeconds, double share, int min, int max, int maxBatch, bool hasBurst = false) => new()
    {
        Metadata = new() { Name = "simulated", Namespace = "simulation", Uid = "1", Generation = 1 },
        Spec = new()
        {
            Model = new() { Uri = "pvc://models/model.onnx" },
            Variants = hasBurst ? [new() { Name = Burst, Model = new() { Uri = "pvc://models/burst.onnx" }, Use = VariantUse.Burst }] : null,
            Slo = new()
            {
                Latency = new()
                {
                    Percentile = (100 * (decimal)share).ToString("0.####", System.Globalization.CultureInfo.InvariantCulture),
                    Target = Duration.FromTimeSpan(TimeSpan.FromSeconds(sloSeconds)),
                },
            },
            Scaling = new() { MinReplicas = Math.Max(1, min), MaxReplicas = max },
            Batching = new() { MaxSize = maxBatch },
        },
        Status = new() { Batching = new() { MaxSize = maxBatch } },
    };

    /// <summary>The same with its replicas set from outside.</summary>
    public static InferenceAgent WithReplicas(InferenceAgent agent, int replicas) =>
        agent with { Spec = agent.Spec with { Scaling = agent.Spec.Scaling with { Replicas = replicas } } };

    /// <summary>A reading as the controller gets it from a scrape.</summary>
    /// <param name="reading">What was read.</param>
    /// <param name="at">When.</param>
    /// <param name="sloSeconds">The target that attainment is counted against; null: none.</param>
    /// <param name="burst">Name of the faster variant; null: there is none.</param>
    public static ReplicaSample Sample(ReplicaReading reading, double at, double? sloSeconds, string? burst = null)
    {
        var totals = reading.Totals;
        return new(reading.Name, Origin + TimeSpan.FromSeconds(at), MetricSource.Scrape, new()
        {
            ProcessStartedAt = Origin + TimeSpan.FromSeconds(reading.ProcessStartedAt),
            Ready = true,
            StartUpSeconds = reading.StartUpSeconds,
            Answered = totals.Answered,
            Refused = totals.Refused,
            SloSeconds = sloSeconds,
            SloRequests = totals.Answered + totals.Refused,
            SloMet = totals.Met,
            Latency = reading.Latencies,
            BatchRows = reading.Rows,
            Phases = totals.Phases,
            Executions = totals.Executions,
            Variants = burst is null ? None : None.Add(VariantShares.Full, totals.Executions - totals.BurstExecutions).Add(burst, totals.BurstExecutions),
            Arrivals = totals.Arrivals,
            QueueRequests = totals.Waiting,
            QueueRows = totals.Waiting,
            InFlight = totals.Held,
            BatchSizeMax = totals.MaxBatch,
            BatchDelayMaxSeconds = totals.MaxDelaySeconds,
        });
    }

    private ImmutableArray<ReplicaSample> Samples(MetricHistory metrics)
    {
        var samples = ImmutableArray.CreateBuilder<ReplicaSample>();
        var (slo, burst) = (_agent.Spec.Slo?.Latency.Target.Seconds, _agent.Spec.Variants?[0].Name);
        foreach (var scrape in metrics.Scrapes.Reverse().TakeWhile(s => s.At > _seenUntil).Reverse())
        {
            samples.AddRange(scrape.Readings.Select(r => Sample(r, scrape.At, slo, burst)));
            _seenUntil = scrape.At;
        }

        return samples.ToImmutable();
    }

    private static ReplicaObservation Observation(ReplicaStanding r) => new(r.Name, r.Phase, Origin + TimeSpan.FromSeconds(r.Since));
}
