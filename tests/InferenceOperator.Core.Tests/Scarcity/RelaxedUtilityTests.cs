using InferenceOperator.Core.Scarcity;

namespace InferenceOperator.Core.Tests.Scarcity;

public sealed class RelaxedUtilityTests
{
    [Fact]
    public void Within_the_slo_it_is_1_and_beyond_it_the_slo_over_the_latency()
    {
        Assert.Equal(1, RelaxedUtility.Of(0.02, 0.05));
        Assert.Equal(0.25, RelaxedUtility.Of(0.2, 0.05));
    }

    [Fact]
    public void Under_overload_it_falls_in_proportion_to_the_excess()
    {
        // A replica carries 100; at 95 it answers in 100 ms, below 80 in 40 ms.
        var curve = RelaxedUtility.Curve(6, 380, 100, load => load < 80 ? 0.04 : load < 100 ? 0.1 : null, 0.05);

        Assert.Equal([0, 0.125, 0.25, 0.375, 0.5, 1, 1], curve.Select(u => Math.Round(u, 9)));
    }

    [Fact]
    public void A_loose_slo_makes_no_overload_harmless() =>
        Assert.Equal<double>([0, 0.25, 0.5, 0.75, 1], RelaxedUtility.Curve(4, 380, 100, load => load < 100 ? 0.04 : null, 0.5).Select(u => Math.Round(u, 9)));

    [Fact]
    public void Without_demand_nothing_is_missed() =>
        Assert.Equal<double>([1, 1, 1], RelaxedUtility.Curve(2, 0, 100, _ => 0.01, 0.05));

    [Fact]
    public void A_latency_that_is_not_known_at_any_load_leaves_nothing_to_gain() =>
        Assert.Equal<double>([0, 0, 0], RelaxedUtility.Curve(2, 500, 100, _ => null, 0.05));

    [Fact]
    public void Without_a_latency_it_is_the_share_of_the_demand_that_is_carried() =>
        Assert.Equal<double>([0, 0.5, 1, 1], RelaxedUtility.Proportional(3, 200, 100));
}
