using InferenceOperator.Control;

namespace InferenceOperator.Tests.Control;

public sealed class RetryGateTests
{
    private readonly SimulatedClock _clock = new();

    [Fact]
    public void The_wait_doubles_to_a_minute_and_a_success_ends_it()
    {
        var gate = new RetryGate(_clock);
        foreach (var wait in (int[])[1, 2, 4, 8, 16, 32, 60, 60])
        {
            gate.Fail("down");
            _clock.Advance(TimeSpan.FromSeconds(wait - 0.001));
            Assert.False(gate.IsOpen);
            _clock.Advance(TimeSpan.FromSeconds(0.001));
            Assert.True(gate.IsOpen);
        }

        gate.Succeed();
        gate.Fail("down");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(gate.IsOpen);
    }

    [Fact]
    public void Only_changes_are_news()
    {
        var gate = new RetryGate(_clock);

        Assert.False(gate.Succeed());
        Assert.True(gate.Fail("down"));
        Assert.False(gate.Fail("down"));
        Assert.True(gate.Fail("refused"));
        Assert.True(gate.Succeed());
        Assert.False(gate.Succeed());
    }

    [Fact]
    public void It_knows_since_when_nothing_has_succeeded_whatever_the_reasons()
    {
        var gate = new RetryGate(_clock);
        gate.Fail("down");
        _clock.Advance(TimeSpan.FromSeconds(3));
        gate.Fail("refused");
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(TimeSpan.FromSeconds(7), gate.FailingFor);

        gate.Succeed();
        Assert.Equal(TimeSpan.Zero, gate.FailingFor);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    public void A_step_of_the_time_of_day_neither_opens_it_nor_keeps_it_shut(int hours)
    {
        var gate = new RetryGate(_clock);
        gate.Fail("down");

        _clock.StepTimeOfDay(TimeSpan.FromHours(hours));
        Assert.False(gate.IsOpen);
        Assert.Equal(TimeSpan.Zero, gate.FailingFor);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(gate.IsOpen);
    }
}
