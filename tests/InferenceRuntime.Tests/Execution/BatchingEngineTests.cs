using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Execution;

public sealed class BatchingEngineTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    private readonly SimulatedClock _clock = new();

    [Fact]
    public async Task A_request_is_answered_with_its_phases_and_counted()
    {
        var instance = new SimulatedInstance();
        await using var engine = Engine(instance);

        var answer = await Answered(Send(engine, Request(7, rows: 3), CancellationToken.None));

        Assert.Equal(7, answer.Outputs[0].Bytes.Span[0]);
        Assert.Equal(TimeSpan.FromMilliseconds(1), answer.Phases.Compute);
        Assert.True(answer.Phases is { Queue.Ticks: >= 0, Copy.Ticks: >= 0 });
        answer.Release!(); // The simulated instance lends all its outputs.
        Assert.Equal(1, instance.Released);
        var snapshot = engine.Statistics.Snapshot(_clock.GetTimestamp());
        Assert.Equal((1, 3, 3), (snapshot.Executions.Count, snapshot.Executions.Rows, snapshot.Arrivals.Rows));
        Assert.Equal(default, snapshot.Queue);
        var model = engine.Statistics.ReadModel();
        Assert.Equal(new DurationSum(1, answer.Phases.Total), model.Success);
        Assert.Equal(new DurationSum(1, TimeSpan.FromMilliseconds(1)), model.ComputeInfer);
        Assert.Equal((3, 1, _clock.GetUtcNow()), (model.InferenceCount, model.ExecutionCount, model.LastInferenceAt));
    }

    [Fact]
    public async Task Requests_that_wait_while_a_batch_runs_run_together_next()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = Engine(instance);
        var first = Send(engine, Request(1), CancellationToken.None);
        await instance.RunBegins();
        var others = Enumerable.Range(2, 5).Select(i => Send(engine, Request((byte)i, rows: 2), CancellationToken.None)).ToArray();

        Assert.Equal(new QueueDepth(5, 10, 10), engine.Statistics.Snapshot(_clock.GetTimestamp()).Queue);
        instance.LetThrough(2);

        Assert.Equal(1, (await Answered(first)).Outputs[0].Bytes.Span[0]);
        for (var i = 0; i < others.Length; i++)
        {
            Assert.Equal(i + 2, (await Answered(others[i])).Outputs[0].Bytes.Span[0]);
        }

        Assert.Equal([1, 10], instance.Runs);
    }

    [Fact]
    public async Task A_request_turned_away_unread_counts_as_one_of_the_size_of_those_that_wait()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = Engine(instance, Settings(maxSize: 1, delayMs: 0) with { Queue = new QueueSettings { MaxRequests = 2 } });
        Assert.Null(engine.TurnAwayUnread());
        var first = Send(engine, Request(1), CancellationToken.None);
        await instance.RunBegins();
        var others = new[] { Send(engine, Request(2, rows: 5), CancellationToken.None), Send(engine, Request(3, rows: 7), CancellationToken.None) };
        var before = engine.Statistics.Snapshot(_clock.GetTimestamp()).Arrivals;

        Assert.NotNull(engine.TurnAwayUnread());

        var after = engine.Statistics.Snapshot(_clock.GetTimestamp()).Arrivals;
        Assert.Equal(6, after.Rows - before.Rows);
        instance.LetThrough(100);
        await Task.WhenAll([first, .. others]).WaitAsync(Generous);
        Assert.Null(engine.TurnAwayUnread());
    }

    [Fact]
    public async Task A_delay_gathers_company_until_the_clock_says_so()
    {
        var instance = new SimulatedInstance();
        await using var engine = Engine(instance, Settings(maxSize: 8, delayMs: 5));
        var requests = new[] { Send(engine, Request(1), CancellationToken.None), Send(engine, Request(2), CancellationToken.None) };
        while (_clock.NextTimer is null)
        {
            await Task.Yield();
        }

        _clock.Advance(TimeSpan.FromMilliseconds(4.9));
        Assert.Empty(instance.Runs);
        Assert.False(requests[0].IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(0.1));

        foreach (var request in requests)
        {
            Assert.Equal(TimeSpan.FromMilliseconds(5), (await Answered(request)).Phases.Queue);
        }

        Assert.Equal([2], instance.Runs);
    }

    [Fact]
    public async Task A_full_queue_refuses_with_the_time_to_retry_and_loses_nothing()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = Engine(instance, Settings(maxSize: 8) with { Queue = new QueueSettings { MaxRequests = 2, MaxBytes = 100 } });
        var running = Send(engine, Request(1), CancellationToken.None);
        await instance.RunBegins();
        var waiting = new[] { Send(engine, Request(2), CancellationToken.None), Send(engine, Request(3), CancellationToken.None) };

        var refused = Assert.IsType<InferenceOutcome.QueueFull>(await Send(engine, Request(4), CancellationToken.None));
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        Assert.Contains("101 bytes", Assert.IsType<InferenceOutcome.Refused>(await Send(engine, Request(5, rows: 101), CancellationToken.None)).Reason, StringComparison.Ordinal);
        instance.LetThrough(2);

        await Answered(running);
        await Answered(waiting[0]);
        await Answered(waiting[1]);
        Assert.Equal((3, 2), (engine.Statistics.ReadModel().Success.Count, engine.Statistics.ReadModel().Failure.Count));
        Assert.Equal(1 + 1 + 1 + 1 + 101, engine.Statistics.Snapshot(_clock.GetTimestamp()).Arrivals.Rows);
    }

    [Fact]
    public async Task A_request_whose_deadline_passes_in_the_queue_is_not_executed()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = Engine(instance);
        var running = Send(engine, Request(1), CancellationToken.None);
        await instance.RunBegins();
        var deadline = _clock.GetTimestamp() + (_clock.TimestampFrequency / 1000);
        var late = Send(engine, Request(2) with { DeadlineAt = deadline }, CancellationToken.None);
        var patient = Send(engine, Request(3), CancellationToken.None);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        instance.LetThrough(2);

        await Answered(running);
        Assert.IsType<InferenceOutcome.Expired>(await late.WaitAsync(Generous));
        await Answered(patient);
        Assert.Equal([1, 1], instance.Runs);
        Assert.IsType<InferenceOutcome.Expired>(await Send(engine, Request(4) with { DeadlineAt = deadline }, CancellationToken.None));
    }

    [Fact]
    public async Task A_cancelled_request_leaves_the_queue_at_once()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = Engine(instance);
        using var cancelWaiting = new CancellationTokenSource();
        var running = Send(engine, Request(1), CancellationToken.None);
        await instance.RunBegins();
        var waiting = Send(engine, Request(2), cancelWaiting.Token);

        await cancelWaiting.CancelAsync();

        Assert.IsType<InferenceOutcome.Cancelled>(await waiting.WaitAsync(Generous));
        Assert.Equal(default, engine.Statistics.Snapshot(_clock.GetTimestamp()).Queue);
        instance.LetThrough();
        await Answered(running);
        Assert.IsType<InferenceOutcome.Cancelled>(await Send(engine, Request(3), cancelWaiting.Token));
        Assert.Equal([1], instance.Runs);
    }

    [Fact]
    public async Task A_request_that_the_model_refuses_does_not_fail_its_neighbours()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = Engine(instance);
        var first = Send(engine, Request(1), CancellationToken.None);
        await instance.RunBegins();
        var (before, bad, worse, after) = (
            Send(engine, Request(2), CancellationToken.None),
            Send(engine, Request(SimulatedInstance.Refused), CancellationToken.None),
            Send(engine, Request(SimulatedInstance.Throws), CancellationToken.None),
            Send(engine, Request(3), CancellationToken.None));
        instance.LetThrough(100);

        await Answered(first);
        Assert.Equal(2, (await Answered(before)).Outputs[0].Bytes.Span[0]);
        Assert.Equal("simulated", Assert.IsType<InferenceOutcome.Refused>(await bad.WaitAsync(Generous)).Reason);
        Assert.IsType<InferenceOutcome.Failed>(await worse.WaitAsync(Generous));
        Assert.Equal(3, (await Answered(after)).Outputs[0].Bytes.Span[0]);
        Assert.Equal([1, 4, 1, 1, 1, 1], instance.Runs);
        Assert.Equal(3, engine.Statistics.Snapshot(_clock.GetTimestamp()).Executions.Count);
        Assert.Equal((3, 2), (engine.Statistics.ReadModel().Success.Count, engine.Statistics.ReadModel().Failure.Count));
    }

    [Fact]
    public async Task Draining_takes_nothing_new_and_completes_when_all_is_answered()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = Engine(instance);
        var running = Send(engine, Request(1), CancellationToken.None);
        await instance.RunBegins();
        var waiting = Send(engine, Request(2), CancellationToken.None);

        var drained = engine.DrainAsync(CancellationToken.None);
        Assert.IsType<InferenceOutcome.Draining>(await Send(engine, Request(3), CancellationToken.None));
        Assert.False(drained.IsCompleted);
        instance.LetThrough(2);

        await drained.WaitAsync(Generous);
        await Answered(running);
        await Answered(waiting);
    }

    [Fact]
    public async Task An_idle_engine_drains_at_once() =>
        await Engine(new SimulatedInstance()).DrainAsync(CancellationToken.None).WaitAsync(Generous);

    [Fact]
    public async Task Disposing_turns_away_what_waits_and_disposes_the_instances()
    {
        var instance = new SimulatedInstance(gated: true);
        var engine = Engine(instance);
        var running = Send(engine, Request(1), CancellationToken.None);
        await instance.RunBegins();
        var waiting = Send(engine, Request(2), CancellationToken.None);

        var disposal = engine.DisposeAsync();
        instance.LetThrough();
        await disposal.AsTask().WaitAsync(Generous);

        await Answered(running);
        Assert.IsType<InferenceOutcome.Draining>(await waiting.WaitAsync(Generous));
        Assert.True(instance.IsDisposed);
        Assert.IsType<InferenceOutcome.Draining>(await Send(engine, Request(3), CancellationToken.None));
    }

    [Fact]
    public async Task Settings_change_under_load_and_no_reply_is_lost_or_mixed_up()
    {
        const int Seed = 11;
        const int Clients = 16;
        const int Each = 300;
        var random = new Random(Seed);
        var instances = new[] { new SimulatedInstance(), new SimulatedInstance() };
        await using var engine = new BatchingEngine(
            Signature(batched: true), [.. instances], Settings(maxSize: 8), TimeProvider.System, NullLogger.Instance);

        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                var answer = await Answered(Send(engine, Request((byte)((client * 7) + (i % 100)), rows: 1 + (i % 3)), CancellationToken.None));
                Assert.Equal((byte)((client * 7) + (i % 100)), answer.Outputs[0].Bytes.Span[0]);
            }
        })).ToArray();
        var all = Task.WhenAll(clients);
        while (!all.IsCompleted)
        {
            engine.Apply(Settings(maxSize: 1 + random.Next(10), delayMs: random.Next(2) * 0.5));
            await Task.Yield();
        }

        await all.WaitAsync(Generous);
        Assert.Equal(Clients * Each / 3 * 6, instances.Sum(instance => instance.Runs.Sum()));
        Assert.Equal(Clients * Each * 2, engine.Statistics.Snapshot(TimeProvider.System.GetTimestamp()).Executions.Rows);
    }

    [Fact]
    public async Task Cancelling_at_random_moments_never_loses_a_reply()
    {
        const int Seed = 12;
        await using var engine = new BatchingEngine(
            Signature(batched: true), [new SimulatedInstance()], Settings(maxSize: 4), TimeProvider.System, NullLogger.Instance);

        var clients = Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            var random = new Random(Seed + client);
            for (var i = 0; i < 500; i++)
            {
                using var source = new CancellationTokenSource();
                var pending = Send(engine, Request((byte)(i % 200), rows: 1), source.Token);
                if (random.Next(2) == 0)
                {
                    await source.CancelAsync();
                }

                var outcome = await pending.WaitAsync(Generous);
                Assert.True(
                    outcome is InferenceOutcome.Cancelled || (outcome is InferenceOutcome.Answered a && a.Outputs[0].Bytes.Span[0] == (byte)(i % 200)),
                    $"seed {Seed}, client {client}, request {i}: {outcome}");
            }
        }));

        await Task.WhenAll(clients).WaitAsync(Generous);
        await engine.DrainAsync(CancellationToken.None).WaitAsync(Generous);
    }

    [Fact]
    public async Task A_model_that_is_not_batched_runs_each_request_alone()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = new BatchingEngine(
            Signature(batched: false), [instance], Settings(maxSize: 8, delayMs: 1000), _clock, NullLogger.Instance);
        var requests = Enumerable.Range(1, 3).Select(i => Send(engine, Request((byte)i), CancellationToken.None)).ToArray();
        instance.LetThrough(3);

        foreach (var request in requests)
        {
            await Answered(request);
        }

        Assert.Equal([1, 1, 1], instance.Runs);
    }

    private BatchingEngine Engine(SimulatedInstance instance, RuntimeSettings? settings = null) =>
        new(Signature(batched: true), [instance], settings ?? Settings(maxSize: 32), _clock, NullLogger.Instance);

    private static RuntimeSettings Settings(int maxSize, double delayMs = 0) =>
        new() { Batching = new BatchingSettings { MaxSize = maxSize, MaxDelayMs = delayMs } };

    private static ModelSignature Signature(bool batched) => new(
        "m", "1", "simulated", [new TensorSpec("x", Datatype.UInt8, [-1])], [new TensorSpec("y", Datatype.UInt8, [-1])], batched);

    // The first byte tells requests apart; SimulatedInstance reads it too.
    private static InferenceRequest Request(byte first, int rows = 1)
    {
        var bytes = new byte[rows];
        bytes[0] = first >= SimulatedInstance.Refused ? first : (byte)(first % SimulatedInstance.Refused);
        return new InferenceRequest([new TensorContent(new long[] { rows }, bytes)], rows, rows, 1, 0, 0, long.MaxValue);
    }

    private static async Task<InferenceOutcome.Answered> Answered(Task<InferenceOutcome> outcome) =>
        Assert.IsType<InferenceOutcome.Answered>(await outcome.WaitAsync(Generous));

    private static Task<InferenceOutcome> Send(BatchingEngine engine, InferenceRequest request, CancellationToken cancellationToken) =>
        engine.InferAsync(request, cancellationToken).AsTask();
}
