using InferenceOperator.Control;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Tests.Control;

public sealed class SteadyTimeTests
{
    private readonly SimulatedClock _clock = new();

    [Fact]
    public void It_goes_on_whatever_is_done_to_the_time_of_day_and_knows_how_far_that_is_ahead()
    {
        var steady = new SteadyTime(_clock);
        var start = steady.GetUtcNow();

        _clock.StepTimeOfDay(TimeSpan.FromHours(3));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(start.AddSeconds(10), steady.GetUtcNow());
        Assert.Equal(TimeSpan.FromHours(3), steady.Ahead);

        _clock.StepTimeOfDay(TimeSpan.FromHours(-8));
        Assert.Equal(start.AddSeconds(10), steady.GetUtcNow());
        Assert.Equal(TimeSpan.FromHours(-5), steady.Ahead);
        Assert.Equal(_clock.GetUtcNow(), steady.GetUtcNow() + steady.Ahead);
    }

    [Fact]
    public void A_clock_that_is_slewed_was_not_stepped()
    {
        var steady = new SteadyTime(_clock);
        _clock.StepTimeOfDay(TimeSpan.FromSeconds(1.5));

        Assert.Equal(TimeSpan.Zero, steady.Ahead);
    }

    [Fact]
    public void Delays_on_it_are_delays_of_the_machines_clock()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(5), new SteadyTime(_clock), CancellationToken.None);
        _clock.StepTimeOfDay(TimeSpan.FromHours(1));
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(delay.IsCompleted);

        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(delay.IsCompleted);
    }

    [Fact]
    public void All_times_of_a_status_are_moved_alike()
    {
        var at = _clock.GetUtcNow();
        var status = new AgentStatus
        {
            UpdatedAt = at,
            Conditions = [new() { Type = "Ready", Status = ConditionState.True, Reason = "Serving", Message = "", LastTransitionTime = at }],
            Observed = new() { At = at },
            Rollout = new() { From = "a", To = "b", Since = at },
            Decisions = [new() { At = at, Rule = "Start", Reason = "" }],
        };

        var moved = StatusTimes.Move(status, TimeSpan.FromHours(2));

        var then = at.AddHours(2);
        Assert.Equal((then, then, then, then, then), (moved.UpdatedAt, moved.Conditions[0].LastTransitionTime, moved.Observed!.At, moved.Rollout!.Since, moved.Decisions[0].At));
        Assert.Equal(status, StatusTimes.Move(moved, TimeSpan.FromHours(-2)), static (a, b) => (a!.UpdatedAt, a.Conditions[0], a.Observed, a.Rollout, a.Decisions[0]) == (b!.UpdatedAt, b.Conditions[0], b.Observed, b.Rollout, b.Decisions[0]));
    }
}
