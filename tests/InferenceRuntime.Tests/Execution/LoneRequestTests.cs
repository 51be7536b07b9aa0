using InferenceRuntime.Core.Serving;
using InferenceRuntime.Execution;
using InferenceRuntime.Execution.Sessions;

namespace InferenceRuntime.Tests.Execution;

public sealed class LoneRequestTests
{
    /// <summary>A worker may still be on its way to rest when the next request comes: that one is then the worker's.</summary>
    private const int TriesMax = 1_000_000;

    private readonly SimulatedClock _clock = new();
    private readonly SimulatedInstance _instance = new();

    [Fact]
    public async Task A_request_that_comes_alone_after_others_did_is_run_by_the_thread_that_brings_it()
    {
        await using var engine = SimulatedEngine.Of(_instance, _clock);

        var outcome = await RunByItsSenderAsync(engine, _instance);

        Assert.Equal(7, Assert.IsType<InferenceOutcome.Answered>(outcome).Outputs[0].Bytes.Span[0]);
        Assert.Equal(_instance.Runs.Length, engine.Statistics.Snapshot(_clock.GetTimestamp()).Executions.Count);
    }

    [Fact]
    public async Task A_request_that_comes_meanwhile_waits_and_is_then_run_by_the_worker()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = SimulatedEngine.Of(instance, _clock);
        instance.LetThrough(TriesMax);
        await RunByItsSenderAsync(engine, instance);
        await instance.TakeBackAsync();

        var (alone, thread) = await RunningOnItsOwnThreadAsync(engine, instance);
        var company = SimulatedEngine.Send(engine, SimulatedEngine.Request(2));
        Assert.Equal(1, engine.Statistics.Snapshot(_clock.GetTimestamp()).Queue.Requests);
        instance.LetThrough(2);

        Assert.Equal(1, Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(alone)).Outputs[0].Bytes.Span[0]);
        Assert.Equal(2, Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(company)).Outputs[0].Bytes.Span[0]);
        Assert.NotEqual(thread, instance.LastThread);
    }

    [Fact]
    public async Task An_engine_that_ends_meanwhile_waits_for_the_answer_before_it_lets_go_of_the_instance()
    {
        var instance = new SimulatedInstance(gated: true);
        var engine = SimulatedEngine.Of(instance, _clock);
        instance.LetThrough(TriesMax);
        await RunByItsSenderAsync(engine, instance);
        await instance.TakeBackAsync();
        var (alone, _) = await RunningOnItsOwnThreadAsync(engine, instance);

        var disposal = engine.DisposeAsync().AsTask();
        Assert.False(instance.IsDisposed);
        instance.LetThrough();

        Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(alone));
        await disposal.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(instance.IsDisposed);
    }

    [Fact]
    public async Task A_run_that_is_expected_to_be_long_is_left_to_the_worker()
    {
        await using var engine = SimulatedEngine.Of(_instance, _clock);
        engine.ExpectServiceTimes([new TrialRun(SimulatedEngine.Request(1), TimeSpan.FromHours(1).Ticks * (_clock.TimestampFrequency / TimeSpan.TicksPerSecond))]);

        for (var i = 0; i < 200; i++)
        {
            await SimulatedEngine.Soon(SimulatedEngine.Send(engine, SimulatedEngine.Request(7)));
            Assert.NotEqual(Environment.CurrentManagedThreadId, _instance.LastThread);
        }
    }

    [Fact]
    public async Task Memory_that_only_lone_requests_took_is_given_back_too()
    {
        await using var engine = SimulatedEngine.Of(_instance, _clock);
        await RunByItsSenderAsync(engine, _instance);
        _clock.Advance(BatchDispatcher.IdleTime);
        await _instance.GivesMemoryBack();

        await RunByItsSenderAsync(engine, _instance);
        _clock.Advance(BatchDispatcher.IdleTime);

        await _instance.GivesMemoryBack();
    }

    [Fact]
    public void A_thread_keeps_its_own_denormal_numbers_between_runs()
    {
        using (DenormalNumbers.Flush())
        {
            using (DenormalNumbers.Flush())
            {
            }
        }

        Assert.NotEqual(0, Halved(float.MinValue / float.MaxValue * -1.2e-38f));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static float Halved(float value) => value / 2;

    /// <summary>Sends requests one after the other until one is run by the thread that sends it.</summary>
    private static async Task<InferenceOutcome> RunByItsSenderAsync(BatchingEngine engine, SimulatedInstance instance)
    {
        for (var i = 0; i < TriesMax; i++)
        {
            var sender = Environment.CurrentManagedThreadId;
            var sent = engine.InferAsync(SimulatedEngine.Request(7), CancellationToken.None);
            var isAnswered = sent.IsCompleted;
            var outcome = await sent;
            if (instance.LastThread == sender)
            {
                Assert.True(isAnswered);
                return outcome;
            }

            await Task.Yield();
        }

        throw new InvalidOperationException($"none of {TriesMax} requests was run by its sender");
    }

    /// <summary>A lone request whose run waits at the gate, on the thread that brought it.</summary>
    private static async Task<(Task<InferenceOutcome> Outcome, int Thread)> RunningOnItsOwnThreadAsync(BatchingEngine engine, SimulatedInstance instance)
    {
        var outcome = Task.Run(() => SimulatedEngine.Send(engine, SimulatedEngine.Request(1)));
        await instance.RunBegins();
        return (outcome, instance.LastThread);
    }
}
