using InferenceOperator.Control;

namespace InferenceOperator.Tests.Control;

public sealed class StepPaceTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    [Fact]
    public void An_agent_at_rest_is_looked_at_after_twice_the_time_each_time()
    {
        var pace = new StepPace(TimeSpan.FromSeconds(60));

        Assert.Equal([5, 10, 20, 40, 60, 60], Enumerable.Range(0, 6).Select(_ => pace.After(Tick, isAtRest: true).TotalSeconds));
    }

    [Fact]
    public void What_is_not_at_rest_waits_as_long_as_it_asks_and_rest_begins_anew_after_it()
    {
        var pace = new StepPace(TimeSpan.FromMinutes(5));
        pace.After(Tick, isAtRest: true);
        pace.After(Tick, isAtRest: true);

        Assert.Equal(Tick, pace.After(Tick, isAtRest: false));
        Assert.Equal(Tick * 2, pace.After(Tick, isAtRest: true));
        pace.Reset();
        Assert.Equal(Tick, pace.After(Tick, isAtRest: true));
    }
}
