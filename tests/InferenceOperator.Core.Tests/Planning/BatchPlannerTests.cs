using InferenceOperator.Core.Control;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Tests.Planning;

public sealed class BatchPlannerTests
{
    private static readonly ServiceTime.Fitted Line = new(0.006, 0.0005, 1e-12, 1e-14) { MeanBatch = 16 };

    [Fact]
    public void The_limit_is_the_largest_of_which_an_execution_leaves_a_sixth_of_the_target() => Assert.Equal(71, Plan(current: 40, largest: 40, bound: 128).Limits.MaxSize);

    [Fact]
    public void The_manifest_bounds_the_limit() => Assert.Equal(30, Plan(current: 20, largest: 40, bound: 30).Limits.MaxSize);

    [Fact]
    public void The_limit_at_most_doubles_the_largest_batch_seen()
    {
        var plan = Plan(current: 4, largest: 4);

        Assert.Equal(8, plan.Limits.MaxSize);
        Assert.Contains(GuardRail.BatchGrowth, plan.Guards);
        Assert.Equal(16, plan.Reachable);
    }

    [Fact]
    public void A_raise_that_brings_little_is_not_made()
    {
        var plan = Plan(current: 62, largest: 62);

        Assert.Equal(62, plan.Limits.MaxSize);
        Assert.Contains(GuardRail.BatchNotWorthwhile, plan.Guards);
    }

    [Fact]
    public void A_limit_that_breaks_the_target_is_lowered_at_once() => Assert.Equal(71, Plan(current: 90, largest: 90, bound: 128).Limits.MaxSize);

    [Fact]
    public void After_a_lowering_the_limit_rests() =>
        Assert.Contains(GuardRail.BatchDwell, Plan(current: 20, largest: 40, sinceLowered: TimeSpan.FromSeconds(119)).Guards);

    [Fact]
    public void One_point_is_tried_higher_only_under_load()
    {
        var point = new ServiceTime.OnePoint(1, 0.020, 1e-8) { MeanBatch = 1 };

        Assert.Equal(1, Plan(current: 1, largest: 1, service: point, demand: 1).Limits.MaxSize);
        Assert.Equal(2, Plan(current: 1, largest: 1, service: point, demand: 40).Limits.MaxSize);
    }

    [Fact]
    public void Before_anything_is_known_the_limit_stays() => Assert.Equal(7, Plan(current: 7, largest: 0, service: null).Limits.MaxSize);

    [Fact]
    public void The_delay_is_what_the_target_leaves_at_most_what_is_declared()
    {
        var generous = Plan(current: 8, largest: 4, maxDelay: "5ms");
        var tight = Plan(current: 38, largest: 38, maxDelay: "5ms");

        Assert.Equal("5ms", generous.Limits.MaxDelay.ToString());
        Assert.Equal("0s", tight.Limits.MaxDelay.ToString());
    }

    private static BatchPlan Plan(
        int current, int largest, int bound = 64, TimeSpan? sinceLowered = null, double demand = 100, string maxDelay = "0s", ServiceTime? service = null)
    {
        service ??= largest == 0 ? null : Line;
        var objective = new Objective(0.0501, 0.99, 0);
        var table = new CapacityTable();
        if (service is not null)
        {
            table.Rest(service, objective, 1, 1);
        }

        return BatchPlanner.Plan(
            new BatchSituation
            {
                Current = new BatchLimits(current, default),
                Bounds = new BatchingSpec { MaxSize = bound, MaxDelay = Duration.Parse(maxDelay) },
                Objective = objective,
                Service = service,
                LargestBatch = largest,
                DemandPerReplica = demand,
                SinceLowered = sinceLowered,
            },
            table);
    }
}
