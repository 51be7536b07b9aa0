using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Tests.Plants;

namespace InferenceOperator.Core.Tests.Control;

public sealed class BurnGuardTests
{
    [Fact]
    public void A_replica_is_added_while_requests_miss_the_SLO_that_the_model_has_replicas_enough_for_and_no_more_than_twice_what_it_asks_for()
    {
        var plant = new Plant(seed: 1, Agents.Of(window: "30s")) { Rate = static _ => 2, Relay = static (_, samples) => Missing(0.3, samples) };
        plant.Run(600);

        var raised = Assert.Single(plant.Steps, static s => s.Step.Decision.Rule == DecisionRule.BurnRate);
        Assert.Equal((1, 2, 2), (raised.Step.Decision.Basis.Current.Replicas, raised.Step.Replicas, plant.Last.Replicas));
        Assert.InRange(raised.At, 75, 150);
        Assert.StartsWith("from 1 to 2 replicas: 3", raised.Step.Decision.Reason, StringComparison.Ordinal);
        Assert.Equal((DecisionRule.HoldDown, true), (plant.Last.Decision.Rule, plant.Last.Decision.Guards.Contains(GuardRail.BurnRate)));
    }

    [Fact]
    public void What_was_added_goes_again_five_minutes_after_it_was()
    {
        var plant = new Plant(seed: 2, Agents.Of(window: "30s")) { Rate = static _ => 2, Relay = static (_, samples) => Missing(0.3, samples) };
        plant.Run(200);
        var raisedAt = Assert.Single(plant.Steps, static s => s.Step.Decision.Rule == DecisionRule.BurnRate).At;
        var offset = plant.Input().Samples.ToDictionary(static s => s.Replica, static s => s.Counters.SloRequests - s.Counters.SloMet);
        plant.Relay = (_, samples) => samples.Select(s => s with { Counters = s.Counters with { SloMet = s.Counters.SloMet - offset.GetValueOrDefault(s.Replica) } });
        plant.Run(600);

        var down = plant.Steps.First(static s => s.Step.Decision.Rule == DecisionRule.ScaleDown);
        Assert.InRange(down.At - raisedAt, 300, 310);
        Assert.Equal(1, plant.Last.Replicas);
    }

    [Fact]
    public void A_tenth_is_added_when_the_last_five_minutes_and_the_last_one_burned()
    {
        var calm = Calm();
        var replicas = calm.Current.Replicas;
        var more = replicas + ((replicas + 9) / 10);

        Assert.Equal((DecisionRule.BurnRate, more), Decide(Burning(calm, 0.2, 0.2)));
        Assert.Equal((DecisionRule.Hold, replicas), Decide(Burning(calm, 0.2, 0.13)));
        Assert.Equal((DecisionRule.Hold, replicas), Decide(Burning(calm, 0.13, 0.2)));
        Assert.Equal((DecisionRule.Hold, replicas), Decide(calm));
    }

    [Theory]
    [InlineData(9, 1.0, false)]
    [InlineData(10, 1.0, true)]
    [InlineData(40, 0.25, false)]
    [InlineData(60, 0.25, true)]
    public void Few_requests_prove_nothing(int requests, double missed, bool isRaised)
    {
        var calm = Calm();
        var (slo, window) = (new SloSums(requests, requests * (1 - missed)), Traffic(calm).Long with { SloRequests = requests, SloMet = requests * (1 - missed) });

        Assert.Equal(isRaised, Decide(With(calm, slo, window)).Rule == DecisionRule.BurnRate);
    }

    [Fact]
    public void Nothing_is_added_while_replicas_start_or_have_not_served_for_long()
    {
        var burning = Burning(Calm(), 0.5, 0.5);
        var budget = burning.Budget!;
        void IsHeld(DecisionBasis basis) => Assert.Equal((DecisionRule.Hold, basis.Current.Replicas), Decide(basis));

        IsHeld(burning with { Pending = 1 });
        IsHeld(burning with { Unschedulable = 1 });
        IsHeld(burning with { Budget = budget with { SteadySince = null } });
        IsHeld(burning with { Budget = budget with { SteadySince = burning.At - TimeSpan.FromSeconds(70) } });
        IsHeld(burning with { Budget = budget with { RaisedAt = burning.At - TimeSpan.FromSeconds(70) } });
        Assert.Equal(DecisionRule.BurnRate, Decide(burning with { Budget = budget with { RaisedAt = burning.At - TimeSpan.FromSeconds(100) } }).Rule);
    }

    [Fact]
    public void Nothing_is_added_once_the_SLO_is_held_again()
    {
        var burning = Burning(Calm(), 0.5, 0.5);
        var traffic = Traffic(burning);
        DecisionBasis Of(TrafficWindow other) => burning with { Measurement = new Measurement.Measured(other) { SampledAt = burning.Measurement.SampledAt } };

        Assert.NotEqual(DecisionRule.BurnRate, Decide(Of(traffic with { Medium = traffic.Medium with { SloMet = 0.995 * traffic.Medium.SloRequests } })).Rule);
        Assert.Equal(DecisionRule.BurnRate, Decide(Of(traffic)).Rule);
    }

    [Fact]
    public void The_bound_of_the_manifest_holds_it_and_is_named()
    {
        var burning = Burning(Calm(), 0.5, 0.5);
        var decision = DecisionRules.Decide(burning with { Scaling = burning.Scaling with { MaxReplicas = burning.Current.Replicas } });

        Assert.Equal((DecisionRule.Hold, burning.Current.Replicas), (decision.Rule, decision.Proposed.Replicas));
        Assert.Contains(GuardRail.MaxReplicas, decision.Guards);
    }

    [Fact]
    public void No_replica_goes_while_it_burns_nor_soon_after_some_were_added()
    {
        var plant = new Plant(seed: 4, Agents.Of(max: 40, window: "30s"), replicas: 8) { Rate = static t => t < 200 ? 8000 : 2000 };
        plant.Run(400);
        var goes = plant.Steps.First(static s => s.Step.Decision.Rule == DecisionRule.ScaleDown).Step.Decision.Basis;
        var budget = goes.Budget!;

        var held = DecisionRules.Decide(Burning(goes, 0.2, 0.2) with { Pending = 0 });
        Assert.Equal((DecisionRule.HoldDown, goes.Current.Replicas), (held.Rule, held.Proposed.Replicas));
        Assert.Equal(GuardRail.BurnRate, Assert.Single(held.Guards));
        Assert.Contains("missed the SLO", held.Reason, StringComparison.Ordinal);
        Assert.Equal(DecisionRule.HoldDown, Decide(goes with { Budget = budget with { RaisedAt = goes.At - TimeSpan.FromSeconds(290) } }).Rule);
        Assert.Equal(DecisionRule.ScaleDown, Decide(goes with { Budget = budget with { RaisedAt = goes.At - TimeSpan.FromSeconds(310) } }).Rule);
    }

    [Fact]
    public void A_step_that_the_model_mends_by_itself_is_left_to_it()
    {
        for (var seed = 10; seed < 14; seed++)
        {
            var plant = new Plant(seed, Agents.Of(max: 40, window: "30s"), replicas: 2) { Rate = static t => t < 200 ? 1000 : 4000, StartUpSeconds = 40 };
            plant.Run(700);

            Assert.DoesNotContain(plant.Steps.Select(s => $"seed {seed}, {s.At} s: {s.Step.Decision.Rule}"), static text => text.EndsWith(nameof(DecisionRule.BurnRate), StringComparison.Ordinal));
        }
    }

    private static DecisionBasis Calm()
    {
        var plant = new Plant(seed: 3, Agents.Of(max: 40), replicas: 15) { Rate = static _ => 12_000 };
        plant.Run(400);
        Assert.Equal((DecisionRule.Hold, 0), (plant.Last.Decision.Rule, plant.Last.Decision.Basis.Pending));
        return plant.Last.Decision.Basis;
    }

    private static (DecisionRule Rule, int Replicas) Decide(DecisionBasis basis) => DecisionRules.Decide(basis) switch { var d => (d.Rule, d.Proposed.Replicas) };

    private static TrafficWindow Traffic(DecisionBasis basis) => ((Measurement.Measured)basis.Measurement).Traffic;

    private static DecisionBasis Burning(DecisionBasis basis, double missedLong, double missedShort) =>
        With(basis, new(100_000, 100_000 * (1 - missedLong)), Traffic(basis).Long with { SloRequests = 20_000, SloMet = 20_000 * (1 - missedShort) });

    private static DecisionBasis With(DecisionBasis basis, SloSums slo, WindowRates window) => basis with
    {
        Budget = basis.Budget! with { Slo = slo },
        Trim = basis.Trim with { MovedAt = basis.At },
        Measurement = new Measurement.Measured(Traffic(basis) with { Long = window, Medium = Traffic(basis).Medium with { SloRequests = window.SloRequests / 4, SloMet = window.SloMet / 4 } }) { SampledAt = basis.Measurement.SampledAt, Source = basis.Measurement.Source },
    };

    private static IEnumerable<ReplicaSample> Missing(double share, IReadOnlyList<ReplicaSample> samples) =>
        samples.Select(s => s with { Counters = s.Counters with { SloMet = (1 - share) * s.Counters.SloMet } });
}
