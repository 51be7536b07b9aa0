using InferenceOperator.Control;

namespace InferenceOperator.Tests.Control;

public sealed class RetryGateTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_wait_doubles_to_a_minute_and_a_success_ends_it()
    {
        var gate = new RetryGate();
        var now = Start;
        foreach (var wait in (int[])[1, 2, 4, 8, 16, 32, 60, 60])
        {
            gate.Fail("down", now);
            Assert.False(gate.IsOpen(now.AddSeconds(wait - 0.001)));
            now = now.AddSeconds(wait);
            Assert.True(gate.IsOpen(now));
        }

        gate.Succeed();
        gate.Fail("down", now);
        Assert.True(gate.IsOpen(now.AddSeconds(1)));
    }

    [Fact]
    public void Only_changes_are_news()
    {
        var gate = new RetryGate();

        Assert.False(gate.Succeed());
        Assert.True(gate.Fail("down", Start));
        Assert.False(gate.Fail("down", Start));
        Assert.True(gate.Fail("refused", Start));
        Assert.True(gate.Succeed());
        Assert.False(gate.Succeed());
    }
}
