
namespace InferenceOperator.Kubernetes.Tests.Kit;

public sealed class SimulatedClockTests
{
    private readonly SimulatedClock _clock = new();

    [Fact]
    public void Timers_fire_in_due_order_and_those_due_together_in_the_order_they_were_armed()
    {
        var fired = new List<string>();
        using var late = Arm(3, () => fired.Add("late"));
        using var first = Arm(1, () => fired.Add("first"));
        using var second = Arm(1, () => fired.Add("second"));

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(["first", "second"], fired);
        Assert.Equal(_clock.GetUtcNow() + TimeSpan.FromSeconds(1), _clock.NextTimer);
    }

    [Fact]
    public void A_callback_sees_the_time_at_which_it_was_due()
    {
        var start = _clock.GetUtcNow();
        var seen = TimeSpan.Zero;
        using var timer = Arm(4, () => seen = _clock.GetUtcNow() - start);

        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(TimeSpan.FromSeconds(4), seen);
    }

    [Fact]
    public void A_periodic_timer_fires_once_a_period_and_not_after_it_is_disposed()
    {
        var count = 0;
        var timer = _clock.CreateTimer(_ => count++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

        _clock.Advance(TimeSpan.FromSeconds(6));
        timer.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(3, count);
        Assert.False(timer.Change(TimeSpan.Zero, TimeSpan.Zero));
        Assert.Null(_clock.NextTimer);
    }

    [Fact]
    public async Task Delays_and_time_limits_run_on_it()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), _clock);
        var delay = Task.Delay(TimeSpan.FromSeconds(2), _clock, limit.Token);
        var cut = Task.Delay(TimeSpan.FromSeconds(9), _clock, limit.Token);

        Assert.True(_clock.AdvanceToNextTimer());
        await delay;
        Assert.True(_clock.AdvanceToNextTimer());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cut);
        Assert.True(limit.IsCancellationRequested);
    }

    [Fact]
    public void Elapsed_time_is_right_though_timestamps_are_not_ticks()
    {
        var start = _clock.GetTimestamp();

        _clock.Advance(TimeSpan.FromMilliseconds(1500));

        Assert.Equal(TimeSpan.FromMilliseconds(1500), _clock.GetElapsedTime(start));
        Assert.NotEqual(TimeSpan.FromMilliseconds(1500).Ticks, _clock.GetTimestamp() - start);
    }

    [Fact]
    public void It_never_runs_back() => Assert.Throws<ArgumentOutOfRangeException>(() => _clock.Advance(TimeSpan.FromTicks(-1)));

    private ITimer Arm(int seconds, Action action) =>
        _clock.CreateTimer(_ => action(), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
}
