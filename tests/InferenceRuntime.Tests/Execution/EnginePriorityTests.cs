using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Tests.Execution;

public sealed class EnginePriorityTests
{
    private readonly SimulatedClock _clock = new();

    [Fact]
    public async Task A_waiting_request_gives_way_to_a_higher_priority_and_is_told_when_to_come_again()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = SimulatedEngine.Of(instance, _clock, Settings(new QueueSettings { MaxRequests = 2 }));
        var running = SimulatedEngine.Send(engine, SimulatedEngine.Request(1));
        await instance.RunBegins();
        var oldest = SimulatedEngine.Send(engine, SimulatedEngine.Request(2) with { Priority = 8 });
        var low = SimulatedEngine.Send(engine, SimulatedEngine.Request(3) with { Priority = 8 });

        var high = SimulatedEngine.Send(engine, SimulatedEngine.Request(4) with { Priority = 1 });

        Assert.True(Assert.IsType<InferenceOutcome.QueueFull>(await SimulatedEngine.Soon(low)).RetryAfter > TimeSpan.Zero);
        Assert.Equal(new QueueDepth(2, 2, 2), engine.Statistics.Snapshot(_clock.GetTimestamp()).Queue);
        instance.LetThrough(2);
        foreach (var answered in new[] { running, oldest, high })
        {
            Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(answered));
        }
    }

    [Fact]
    public async Task What_expires_while_every_instance_is_busy_is_answered_at_that_moment_and_never_executed()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = SimulatedEngine.Of(instance, _clock, Settings(new QueueSettings { TimeoutMs = 5 }));
        var running = SimulatedEngine.Send(engine, SimulatedEngine.Request(1));
        await instance.RunBegins();
        var hurried = SimulatedEngine.Send(
            engine, SimulatedEngine.Request(2) with { DeadlineAt = _clock.GetTimestamp() + (2 * _clock.TimestampFrequency / 1000) });
        var patient = SimulatedEngine.Send(
            engine, SimulatedEngine.Request(3) with { DeadlineAt = _clock.GetTimestamp() + _clock.TimestampFrequency });

        _clock.Advance(TimeSpan.FromMilliseconds(2));
        Assert.IsType<InferenceOutcome.Expired>(await SimulatedEngine.Soon(hurried));
        Assert.False(patient.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(3));
        Assert.IsType<InferenceOutcome.Expired>(await SimulatedEngine.Soon(patient));

        instance.LetThrough(100);
        Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(running));
        Assert.Equal([1], instance.Runs);
    }

    private static RuntimeSettings Settings(QueueSettings queue) => new() { Queue = queue };
}
