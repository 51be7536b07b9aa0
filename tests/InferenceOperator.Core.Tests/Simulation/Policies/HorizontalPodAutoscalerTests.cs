using InferenceOperator.Core.Simulation.Policies;

namespace InferenceOperator.Core.Tests.Simulation.Policies;

/// <summary>The published algorithm on worked examples.</summary>
public sealed class HorizontalPodAutoscalerTests
{
    [Theory]
    [InlineData(800, 4, 100, 8)] // Twice the target: twice the replicas.
    [InlineData(200, 4, 100, 2)]
    [InlineData(436, 4, 100, 4)] // A ratio of 1.09 is within the tolerance,
    [InlineData(444, 4, 100, 5)] // 1.11 is not.
    [InlineData(364, 4, 100, 4)]
    [InlineData(352, 4, 100, 4)] // ceil(0.88 · 4).
    public void Replicas_are_the_ratio_times_the_ready_ones_rounded_up(double sum, int ready, double target, int expected) =>
        Assert.Equal(expected, HpaArithmetic.FromPods(sum, ready, missing: 0, unready: 0, target, current: ready));

    [Fact]
    public void Going_up_replicas_that_are_not_ready_count_as_idle()
    {
        // 4 ready at 200 against 100, 3 starting: 800 over 7 is 1.143, ceil(1.143 · 7) = 8.
        Assert.Equal(8, HpaArithmetic.FromPods(800, 4, 0, unready: 3, 100, current: 7));

        // With 4 starting the dampened ratio is 1: nothing to do.
        Assert.Equal(8, HpaArithmetic.FromPods(800, 4, 0, unready: 4, 100, current: 8));
    }

    [Fact]
    public void Going_down_replicas_without_a_value_count_as_at_the_target()
    {
        // 3 at 50 of 100 and one missing: (150 + 100) / 4 = 0.625, ceil(0.625 · 4) = 3.
        Assert.Equal(3, HpaArithmetic.FromPods(150, 3, missing: 1, 0, 100, current: 4));

        // Going up it counts as zero: 3 at 130, 390 / 4 = 0.975 crosses the target, so all stays.
        Assert.Equal(4, HpaArithmetic.FromPods(390, 3, missing: 1, 0, 100, current: 4));
    }

    [Fact]
    public void Without_any_value_all_stays() => Assert.Equal(5, HpaArithmetic.FromPods(0, 0, 5, 0, 100, current: 5));

    [Theory]
    [InlineData(1000, 100, 5, 10)]
    [InlineData(540, 100, 5, 5)]
    [InlineData(410, 100, 5, 5)]
    [InlineData(401, 100, 5, 5)] // A ratio of 0.802 is acted on, and ceil(4.01) is 5 again.
    [InlineData(390, 100, 5, 4)]
    public void A_total_is_divided_by_the_target_of_one(double total, double target, int current, int expected) =>
        Assert.Equal(expected, HpaArithmetic.FromTotal(total, target, current));

    [Fact]
    public void Up_goes_at_once_by_at_most_the_larger_of_four_replicas_and_the_double_in_fifteen_seconds()
    {
        var behavior = new HpaBehavior();

        Assert.Equal(5, behavior.Apply(50, current: 1, now: 15));
        Assert.Equal(5, behavior.Apply(50, current: 5, now: 20));
        Assert.Equal(10, behavior.Apply(50, current: 5, now: 30));
        Assert.Equal(20, behavior.Apply(50, current: 10, now: 45));
        Assert.Equal(40, behavior.Apply(50, current: 20, now: 60));
        Assert.Equal(50, behavior.Apply(50, current: 40, now: 75));
    }

    [Fact]
    public void Down_goes_to_the_most_that_was_recommended_in_five_minutes()
    {
        var behavior = new HpaBehavior();
        Assert.Equal(10, behavior.Apply(10, 10, 0));
        Assert.Equal(10, behavior.Apply(2, 10, 15));
        Assert.Equal(10, behavior.Apply(6, 10, 150));
        Assert.Equal(10, behavior.Apply(2, 10, 300));

        Assert.Equal(6, behavior.Apply(2, 10, 301));
        Assert.Equal(6, behavior.Apply(2, 6, 450));
        Assert.Equal(2, behavior.Apply(2, 6, 451));
    }
}
