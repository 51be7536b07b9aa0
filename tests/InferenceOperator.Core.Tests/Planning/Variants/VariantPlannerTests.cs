using InferenceOperator.Core.Control;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Tests.Planning.Variants;

public sealed class VariantPlannerTests
{
    private static readonly VariantChoice Student = new("student", null);

    [Fact]
    public void A_variant_that_is_clearly_cheaper_answers_for_good()
    {
        var plan = Plan(8000, VariantChoice.Full);

        Assert.Equal("student", plan.Steady);
        Assert.Contains("replicas where full takes", plan.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_saves_nothing_does_not() => Assert.Equal(VariantShares.Full, Plan(300, VariantChoice.Full).Steady);

    [Fact]
    public void The_more_accurate_one_comes_back_where_it_takes_no_more_replicas() => Assert.Equal(VariantShares.Full, Plan(300, Student).Steady);

    [Fact]
    public void A_slower_one_waits_for_its_replicas()
    {
        var expensive = Plan(8000, Student, ready: 3, accuracyPrice: 5000);

        Assert.Equal(("student", GuardRail.VariantNeedsReplicas), (expensive.Steady, expensive.Guard));
        Assert.Equal(VariantShares.Full, Plan(8000, Student, ready: 7, accuracyPrice: 5000).Steady);
    }

    [Theory]
    [InlineData(299, 3600)]
    [InlineData(3600, 299)]
    public void After_a_change_and_after_a_start_the_variant_stays_for_as_long_as_is_planned_for(double sinceChange, double knownFor)
    {
        var plan = Plan(8000, VariantChoice.Full, sinceChange: sinceChange, knownFor: knownFor);

        Assert.Equal((VariantShares.Full, GuardRail.VariantDwell), (plan.Steady, plan.Guard));
    }

    [Fact]
    public void On_unknown_traffic_and_during_a_burst_the_variant_stays()
    {
        Assert.Equal("student", Plan(null, Student).Steady);
        Assert.Equal(VariantShares.Full, Plan(8000, new(VariantShares.Full, "student")).Steady);
    }

    [Fact]
    public void One_that_is_no_longer_allowed_goes_at_once_even_on_unknown_traffic()
    {
        Assert.Equal(VariantShares.Full, Plan(null, new("gone", null)).Steady);
        Assert.Equal(VariantShares.Full, Plan(null, Student, floor: 0.99).Steady);
        Assert.Equal(VariantShares.Full, Plan(8000, Student, floor: 0.99, knownFor: 0).Steady);
    }

    [Fact]
    public void Where_nothing_that_was_measured_holds_the_target_one_that_was_not_is_tried()
    {
        ModelOption[] options = [Options.Full(Options.Line(0.030, 0.001)), Options.Of("new", service: null, accuracy: 0.9, VariantUse.Steady), Options.Of("newer", service: null, accuracy: 0.95, VariantUse.Steady)];

        var plan = Plan(100, VariantChoice.Full, options: options);

        Assert.Equal("newer", plan.Steady);
        Assert.Equal("newer", Plan(100, new("newer", null), options: options).Steady);
        Assert.Equal("new", Plan(100, VariantChoice.Full, options: [options[0], options[1], options[2] with { IsResident = false }]).Steady);
    }

    [Fact]
    public void Demand_that_swings_around_the_point_where_it_pays_changes_the_variant_once_in_the_time_that_is_planned_for()
    {
        const int seed = 4;
        var random = new Random(seed);
        ModelOption[] options = [Options.Full(), Options.Student()];
        var (choice, changes, changedAt) = (VariantChoice.Full, 0, -3600.0);
        for (var now = 0.0; now < 3600; now += 5)
        {
            var next = Plan(random.Next(2) == 0 ? 1200 : 1500, choice, sinceChange: now - changedAt, options: options).Steady;
            if (next != choice.Steady)
            {
                (choice, changes, changedAt) = (new(next, null), changes + 1, now);
            }
        }

        Assert.True(changes is >= 2 and <= 12, $"seed {seed}: {changes}");
    }

    private static VariantPlan Plan(
        double? demand, VariantChoice current, int ready = 5, double? floor = null, double accuracyPrice = 0, double sinceChange = 3600, double knownFor = 3600, ModelOption[]? options = null)
    {
        options ??= [Options.Full(), Options.Student()];
        return VariantPlanner.Plan(new()
        {
            Question = demand is { } known
                ? Options.Ask(known, options) with { Current = current.Steady, CurrentReplicas = ready, AccuracyFloor = floor, AccuracyPrice = accuracyPrice }
                : null,
            Current = current,
            Options = options,
            AccuracyFloor = floor,
            Ready = ready,
            StartUp = TimeSpan.FromSeconds(30),
            KnownFor = TimeSpan.FromSeconds(knownFor),
            SinceChange = TimeSpan.FromSeconds(sinceChange),
        });
    }
}
