using InferenceOperator.Core.Control;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Scarcity;
using InferenceOperator.Decisions.Explain;

namespace InferenceOperator.Tests.Decisions;

/// <summary>Explanations, whole, against files. Set UPDATE_GOLDEN=1 to write them.</summary>
public sealed class ExplanationTests
{
    [Fact]
    public void Of_a_scale_up_that_the_ceiling_holds() => Check("scale-up", Bases.Busy(9000) with { BatchFirstSteps = 2 });

    [Fact]
    public void Of_replicas_that_a_guard_rail_keeps() => Check("hold-down", Bases.Calm() with { MostDemand = 5000 });

    [Fact]
    public void Of_a_scale_down() => Check("scale-down", Bases.Calm(replicas: 6));

    [Fact]
    public void Of_scarce_GPUs() => Check("scarcity", Bases.Busy(4000) with { BatchFirstSteps = 2, Cut = new Shortage(4, 2, new GpuPool("nvidia.com/gpu", "ads", "ResourceQuota ads/gpus", 12, 2), 5, 3, new Rival("ads/search", 8, RivalStanding.HigherPriority)) });

    [Fact]
    public void Of_an_agent_that_wakes() => Check("wake", Bases.Silent() with
    {
        Scaling = new ScalingSpec { MinReplicas = 0 },
        Current = new Target(0, new BatchLimits(33, default)),
        Ready = 0,
        Endpoint = new HoldingEndpoint(Inside: 3, Held: 2),
        Measurement = new Measurement.Unknown(UnknownReason.NoReadyReplica, "no replica is ready"),
        MetricFailure = null,
    });

    [Fact]
    public void Of_replicas_that_another_writer_sets() => Check("other-writer", Bases.Busy(4000) with { BatchFirstSteps = 2, OtherWriter = "HorizontalPodAutoscaler ads/ranker" });

    [Fact]
    public void Of_unknown_traffic() => Check("unknown", Bases.Silent());

    [Fact]
    public void Of_an_error_budget_that_burns()
    {
        var calm = Bases.Calm(replicas: 1);
        var measured = (Measurement.Measured)calm.Measurement;
        var traffic = measured.Traffic;
        Check("burn-rate", calm with
        {
            Budget = new BudgetBasis(new SloSums(90_000, 63_000), SteadySince: Bases.Now.AddMinutes(-9), RaisedAt: null),
            Measurement = measured with { Traffic = traffic with { Medium = traffic.Medium with { SloRequests = 4500, SloMet = 3000 }, Long = traffic.Long with { SloRequests = 18_000, SloMet = 12_000 } } },
            Trim = new CapacityTrim(1, Bases.Now),
        });
    }

    [Fact]
    public void Of_a_step_that_is_bounded() => Check("up-step", Bases.Busy(4000) with { BatchFirstSteps = 2, Scaling = new ScalingSpec { MaxReplicas = 6, ScaleUp = new() { MaxStep = new(200, IsPercent: true) } } });

    [Fact]
    public void Of_an_SLO_that_no_variant_holds_either() => Check("infeasible-variants", Bases.Busy() with
    {
        Slo = new SloSpec { Latency = new LatencySloSpec { Target = Duration.Parse("4ms") } },
        Variants = new VariantsBasis
        {
            Options = [new() { Name = "small", Use = VariantUse.Steady, Accuracy = 0.985, IsResident = true, Service = new ServiceTime.Fitted(0.002, 0.00025, 1e-9, 1e-12), LargestBatch = 8, Capacities = CapacityAnchors.None }],
        },
    });

    [Fact]
    public void Of_an_SLO_that_cannot_be_held() => Check("infeasible", Bases.Busy() with { Slo = new SloSpec { Latency = new LatencySloSpec { Target = Duration.Parse("10ms"), Percentile = "99.9" } } });

    [Fact]
    public void Of_what_is_only_recommended() => Check("recommend", Bases.Busy(4000) with { Scaling = new ScalingSpec { Mode = ScalingMode.Recommend }, BatchFirstSteps = 2, Unschedulable = 1, Overdue = 2 });

    [Fact]
    public void Of_a_first_decision_without_an_SLO_and_with_little_known() => Check("start", Bases.Busy(5) with
    {
        IsFirst = true,
        Slo = null,
        Service = new ServiceTime.OnePoint(2.5, 0.0074, 1e-9) { MeanBatch = 2.5 },
        Forecast = Bases.Busy(5).Forecast! with { Seasonal = 12.3 },
        DisagreedSteps = 1,
    });

    [Fact]
    public void Of_proven_idleness_and_a_fit_that_is_no_line() => Check("idle", Bases.Calm(replicas: 2) with
    {
        Measurement = new Measurement.Idle(TimeSpan.FromSeconds(120)) { SampledAt = Bases.Now.AddSeconds(-1), Source = MetricSource.Scrape },
        Forecast = null,
        Current = new Target(2, new BatchLimits(25, default)),
        MostDemand = 0,
        WentDownAt = Bases.Now.AddSeconds(-20),
        Trim = new CapacityTrim(1.3225, Bases.Now.AddSeconds(-50)),
        Service = new ServiceTime.Table([(1.5, 0.004), (8, 0.0101), (32, 0.0305)], new ServiceTime.Fitted(0.0035, 0.00085, 1e-9, 1e-12) { MeanBatch = 9 }) { MeanBatch = 9 },
    });

    [Fact]
    public void Every_rule_and_guard_rail_has_its_words()
    {
        Assert.All(Enum.GetValues<DecisionRule>(), static rule => Assert.NotEmpty(RuleText.Meaning(rule)));
        Assert.All(Enum.GetValues<GuardRail>(), static guard =>
        {
            Assert.NotEmpty(GuardText.Meaning(guard));
            GuardText.Without(guard, Bases.Busy());
        });
    }

    private static void Check(string name, DecisionBasis basis) => GoldenFile.AssertEqual(Explanation.Of(DecisionRules.Decide(basis)), "Decisions", "Golden", name + ".txt");
}
