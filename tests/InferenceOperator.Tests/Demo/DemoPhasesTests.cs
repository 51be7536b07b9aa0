using InferenceOperator.Demo;

namespace InferenceOperator.Tests.Demo;

public sealed class DemoPhasesTests
{
    [Fact]
    public void The_load_climbs_past_what_one_replica_can_carry_from_over_four_times_the_low_rate() =>
        Assert.Equal("50:5s,437-875:31s,50:19s", DemoPhases.For(TimeSpan.FromMilliseconds(0.4)));

    [Fact]
    public void No_rate_is_below_one() => Assert.Equal("1:5s,1-1:31s,1:19s", DemoPhases.For(TimeSpan.FromSeconds(10)));
}
