using InferenceOperator.Core.Control;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Scarcity;
using InferenceOperator.Core.Tests.Plants;

namespace InferenceOperator.Core.Tests.Control.Replay;

/// <summary>Decisions of all kinds, from plants to which one thing after the other happens.</summary>
internal static class Stories
{
    /// <summary>All decisions of all stories, in order.</summary>
    public static IEnumerable<DecisionRecord> All() =>
        new[] { Peak(), Outage(), Infeasible(), NoSlo(), Steps(), Modes(), Bounds(), Contradiction(), Unlucky(), Slowed(), Scarce(), Asleep(), Overruled(), Bridged(), Replaced(), Burning(), Limited() }.SelectMany(static p => p.Steps).Select(static s => s.Step.Decision);

    /// <summary>The first decision of each kind: by rule and guard rails, and by what it rests on.</summary>
    public static IEnumerable<DecisionRecord> OfEachKind()
    {
        var outcomes = new HashSet<(DecisionRule, string)>();
        var grounds = new HashSet<(Type, Type?, ScalingMode, bool)>();
        return All().Where(d =>
            outcomes.Add((d.Rule, string.Join(',', d.Guards))) | grounds.Add((d.Basis.Measurement.GetType(), d.Basis.Service?.GetType(), d.Mode, d.Basis.Slo is null)));
    }

    private static Plant Peak()
    {
        var plant = new Plant(seed: 1, Agents.Of(max: 6, window: "60s")) { Rate = static t => t is > 200 and < 600 ? 9000 : t < 900 ? 300 : 0 };
        plant.Run(700);
        plant.RestartController();
        plant.Run(900);
        return plant;
    }

    private static Plant Outage()
    {
        var plant = new Plant(seed: 2, Agents.Of(min: 2)) { Rate = static t => t < 300 ? 2500 : 100, IsScraped = static t => t is < 250 or > 400 };
        plant.Run(800);
        return plant;
    }

    private static Plant Infeasible()
    {
        var plant = new Plant(seed: 3, Agents.Of("10ms")) { Rate = static _ => 300 };
        plant.Run(300);
        return plant;
    }

    private static Plant NoSlo()
    {
        var plant = new Plant(seed: 4, Agents.Of(target: null, maxDelay: "5ms")) { Rate = static t => t < 200 ? 2000 : 200 };
        plant.Run(500);
        return plant;
    }

    /// <summary>Batches are padded to powers of two: s(b) is no line.</summary>
    private static Plant Steps()
    {
        var plant = new Plant(seed: 5, Agents.Of("80ms", maxDelay: "10ms"))
        {
            Rate = static t => 200 + (1500 * Math.Abs(Math.Sin(t / 90))),
            Service = static (rows, _) => 0.004 + (0.0008 * Math.Pow(2, Math.Ceiling(Math.Log2(rows)))),
        };
        plant.Run(600);
        return plant;
    }

    private static Plant Modes()
    {
        var plant = new Plant(seed: 6, Agents.Of(mode: ScalingMode.Recommend)) { Rate = static t => t < 100 ? 50 : 900 };
        plant.Run(200);
        plant.Agent = Agents.Of(mode: ScalingMode.Observe);
        plant.Run(30);
        plant.Agent = Agents.Of(replicas: 3);
        plant.Run(120);
        return plant;
    }

    private static Plant Bounds()
    {
        var plant = new Plant(seed: 7, Agents.Of(min: 2, max: 4), replicas: 4) { Rate = static _ => 600 };
        plant.Run(60);
        plant.Agent = Agents.Of(min: 6, max: 8);
        plant.Run(60);
        plant.Agent = Agents.Of(min: 1, max: 3, maxBatch: 4, window: "20s");
        plant.Run(120);
        return plant;
    }

    /// <summary>A replica reports more requests in flight than its latencies allow.</summary>
    private static Plant Contradiction()
    {
        var plant = new Plant(seed: 8, Agents.Of("200ms", min: 1, max: 10, window: "30s"), replicas: 4)
        {
            Rate = static t => t < 200 ? 2000 : 150,
            Relay = static (t, samples) => t < 200 ? samples : samples.Select(static s => s with { Counters = s.Counters with { InFlight = s.Counters.InFlight + 400 } }),
        };
        plant.Run(500);
        return plant;
    }

    /// <summary>Replicas take far longer to start than they did.</summary>
    private static Plant Unlucky()
    {
        var plant = new Plant(seed: 9, Agents.Of(window: "30s")) { StartUpSeconds = 150, Rate = static t => t < 100 ? 300 : 3000 };
        plant.Run(500);
        return plant;
    }

    /// <summary>The model takes twice as long from one moment to the next, and then half.</summary>
    private static Plant Slowed()
    {
        var plant = new Plant(seed: 10, Agents.Of(window: "30s")) { Rate = static _ => 1200, Service = static (rows, t) => (t is > 200 and < 500 ? 2.5 : 1) * (0.006 + (0.0005 * rows)) };
        plant.Run(900);
        return plant;
    }

    /// <summary>A faster variant answers while replicas start.</summary>
    private static Plant Bridged()
    {
        var plant = new Plant(seed: 14, WithVariant(VariantUse.Burst), replicas: 2) { Rate = static t => t < 200 ? 1500 : 3200, StartUpSeconds = 40 };
        plant.Run(400);
        return plant;
    }

    /// <summary>A faster variant answers for good, and then the model itself again.</summary>
    private static Plant Replaced()
    {
        var plant = new Plant(seed: 15, WithVariant(VariantUse.Steady), replicas: 3) { Rate = static t => t < 700 ? 5000 : 300 };
        plant.Run(1200);
        return plant;
    }

    /// <summary>Three of ten requests miss the SLO, too few at a time for the trim to tell.</summary>
    private static Plant Burning()
    {
        var plant = new Plant(seed: 16, Agents.Of(window: "30s")) { Rate = static t => t < 600 ? 2 : 1, Relay = static (_, samples) => samples.Select(static s => s with { Counters = s.Counters with { SloMet = 0.7 * s.Counters.SloMet } }) };
        plant.Run(700);
        return plant;
    }

    /// <summary>The manifest lets one replica come and one go at a time.</summary>
    private static Plant Limited()
    {
        var agent = Agents.Of(window: "30s");
        agent = agent with { Spec = agent.Spec with { Scaling = agent.Spec.Scaling with { ScaleUp = new() { MaxStep = new(1, IsPercent: false) }, ScaleDown = agent.Spec.Scaling.ScaleDown with { MaxStep = new(10, IsPercent: true) } } } };
        var plant = new Plant(seed: 17, agent) { Rate = static t => t is > 50 and < 250 ? 4000 : 300 };
        plant.Run(400);
        return plant;
    }

    private static InferenceAgent WithVariant(VariantUse use)
    {
        var agent = Agents.Of();
        return agent with
        {
            Spec = agent.Spec with
            {
                Variants = [new() { Name = "small", Model = new() { Uri = "pvc://models/small.onnx" }, Use = use, Accuracy = "0.985" }],
                Quantization = new() { MinAccuracy = "0.98", AccuracyPrice = "2" },
            },
        };
    }

    /// <summary>The load asks for more GPUs than there are.</summary>
    private static Plant Scarce()
    {
        var pool = new GpuPool("nvidia.com/gpu", Namespace: null, "--gpu-ceiling", Gpus: 2, UsedByOthers: 0);
        var plant = new Plant(seed: 11, Agents.Of(window: "60s")) { Rate = static t => t is > 150 and < 400 ? 6000 : 300, Divide = ask => GpuDivision.Divide([pool], [ask with { GpusPerReplica = 1, Resource = pool.Resource }]).Single() };
        plant.Run(700);
        return plant;
    }

    /// <summary>Nobody asks for a while, and then somebody does.</summary>
    private static Plant Asleep()
    {
        var plant = new Plant(seed: 12, Agents.Of(min: 0, window: "30s"))
        {
            Rate = static t => t is < 60 or > 305 ? 200 : 0,
            Endpoint = static t => t is > 300 and < 330 ? new(Held: 1, Inside: 1) : new(Held: 0, Inside: 0),
        };
        plant.Run(400);
        return plant;
    }

    /// <summary>Somebody else writes the number of replicas for a while.</summary>
    private static Plant Overruled()
    {
        var plant = new Plant(seed: 13, Agents.Of(window: "30s")) { Rate = static _ => 3000, Other = static t => t is > 100 and < 200 ? ("HorizontalPodAutoscaler ads/theirs", 2) : null };
        plant.Run(300);
        return plant;
    }
}
