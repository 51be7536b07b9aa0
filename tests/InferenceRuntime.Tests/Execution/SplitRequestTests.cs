using System.Text;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Onnx.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Tests.Execution;

public sealed class SplitRequestTests
{
    private readonly SimulatedClock _clock = new();

    [Fact]
    public async Task A_request_above_the_limit_runs_in_pieces_and_comes_back_whole_and_in_order()
    {
        var instance = new SimulatedInstance();
        await using var engine = Engine(instance, maxSize: 4);

        var answer = Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(SimulatedEngine.Send(engine, SimulatedEngine.Counting(10, 11))));

        Assert.Equal([11L], answer.Outputs[0].Shape.ToArray());
        Assert.Equal(Enumerable.Range(10, 11).Select(i => (byte)i), answer.Outputs[0].Bytes.ToArray());
        Assert.Equal([4, 4, 3], instance.Runs);
        Assert.Equal(3, instance.Released);
        answer.Release!(); // The joined outputs are lent too.
        var model = engine.Statistics.ReadModel();
        Assert.Equal((1, 11, 3), (model.Success.Count, model.InferenceCount, model.ExecutionCount));
        Assert.Equal(answer.Phases.Total, model.Success.Total);
        Assert.Equal(default, engine.Statistics.Snapshot(_clock.GetTimestamp()).Queue);
    }

    [Fact]
    public async Task Its_last_piece_shares_a_batch_with_the_requests_behind_it()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = Engine(instance, maxSize: 4);
        var large = SimulatedEngine.Send(engine, SimulatedEngine.Counting(0, 6));
        await instance.RunBegins();
        var small = SimulatedEngine.Send(engine, SimulatedEngine.Counting(50, 2));

        instance.LetThrough(2);

        Assert.Equal([50, 51], Bytes(await SimulatedEngine.Soon(small)));
        Assert.Equal([0, 1, 2, 3, 4, 5], Bytes(await SimulatedEngine.Soon(large)));
        Assert.Equal([4, 4], instance.Runs);
    }

    [Fact]
    public async Task A_piece_that_fails_fails_the_whole_keeps_no_memory_and_withdraws_the_rest()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = Engine(instance, maxSize: 4);
        var request = SimulatedEngine.Counting(0, 20);
        var bytes = request.Inputs[0].Bytes.ToArray();
        bytes[4] = SimulatedInstance.Refused;
        var outcome = SimulatedEngine.Send(engine, request with { Inputs = [new TensorContent(new long[] { 20 }, bytes)] });
        instance.LetThrough(100);

        Assert.Equal("simulated", Assert.IsType<InferenceOutcome.Refused>(await SimulatedEngine.Soon(outcome)).Reason);
        Assert.Equal([4, 4], instance.Runs);
        Assert.Equal(1, instance.Released);
        Assert.Equal(default, engine.Statistics.Snapshot(_clock.GetTimestamp()).Queue);
        await engine.DrainAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((0, 1), (engine.Statistics.ReadModel().Success.Count, engine.Statistics.ReadModel().Failure.Count));
    }

    [Fact]
    public async Task When_its_deadline_passes_between_pieces_the_rest_is_not_executed_and_the_memory_is_held_until_the_running_piece_ends()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = Engine(instance, maxSize: 4);
        var deadline = _clock.GetTimestamp() + (_clock.TimestampFrequency / 1000);
        var outcome = SimulatedEngine.Send(engine, SimulatedEngine.Counting(0, 20) with { DeadlineAt = deadline });
        await instance.RunBegins();

        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(default, engine.Statistics.Snapshot(_clock.GetTimestamp()).Queue);
        Assert.False(outcome.IsCompleted);
        instance.LetThrough();
        Assert.IsType<InferenceOutcome.Expired>(await SimulatedEngine.Soon(outcome));
        Assert.Equal([4], instance.Runs);
        Assert.Equal(1, instance.Released);
    }

    [Fact]
    public async Task A_cancellation_withdraws_the_rest_and_ends_the_piece_that_runs()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = Engine(instance, maxSize: 4);
        using var client = new CancellationTokenSource();
        var outcome = SimulatedEngine.Send(engine, SimulatedEngine.Counting(0, 20), client.Token);
        await instance.RunBegins();

        await client.CancelAsync();

        Assert.IsType<InferenceOutcome.Cancelled>(await SimulatedEngine.Soon(outcome));
        Assert.Equal([4], instance.Runs);
        Assert.Equal(1, engine.Statistics.Snapshot(_clock.GetTimestamp()).Terminations);
    }

    [Fact]
    public async Task Stopping_answers_a_split_request_once_when_its_running_piece_has_ended()
    {
        var instance = new SimulatedInstance(gated: true);
        var engine = Engine(instance, maxSize: 4);
        var outcome = SimulatedEngine.Send(engine, SimulatedEngine.Counting(0, 20));
        await instance.RunBegins();

        var disposal = engine.DisposeAsync();
        instance.LetThrough();
        await disposal.AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.IsType<InferenceOutcome.Draining>(await SimulatedEngine.Soon(outcome));
        Assert.Equal(1, instance.Released);
    }

    [Fact]
    public async Task Under_random_limits_cancellations_and_failures_every_request_gets_one_right_outcome_and_no_memory_is_kept()
    {
        const int Seed = 21;
        SimulatedInstance[] instances = [new(), new(), new()];
        await using var engine = new BatchingEngine(
            SimulatedEngine.Signature(batched: true), [.. instances], Settings(5), TimeProvider.System, NullLogger.Instance);
        var answered = 0;
        var clients = Enumerable.Range(0, 12).Select(client => Task.Run(async () =>
        {
            var random = new Random(Seed + client);
            for (var i = 0; i < 400; i++)
            {
                using var source = new CancellationTokenSource();
                var first = (byte)random.Next(100);
                var rows = 1 + random.Next(40);
                var pending = SimulatedEngine.Send(engine, SimulatedEngine.Counting(first, rows), source.Token);
                if (random.Next(4) == 0)
                {
                    await source.CancelAsync();
                }

                switch (await SimulatedEngine.Soon(pending))
                {
                    case InferenceOutcome.Answered answer:
                        Assert.Equal(Enumerable.Range(first, rows).Select(b => (byte)b), answer.Outputs[0].Bytes.ToArray());
                        answer.Release!(); // Simulated and joined outputs are lent.
                        Interlocked.Increment(ref answered);
                        break;
                    case InferenceOutcome.Cancelled:
                        break;
                    case var other:
                        Assert.Fail($"seed {Seed}, client {client}, request {i}: {other}");
                        break;
                }
            }
        })).ToArray();
        var all = Task.WhenAll(clients);
        var limits = new Random(Seed);
        while (!all.IsCompleted)
        {
            engine.Apply(Settings(1 + limits.Next(12)));
            await Task.Yield();
        }

        await all.WaitAsync(TimeSpan.FromSeconds(60));
        await engine.DrainAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(answered, engine.Statistics.ReadModel().Success.Count);
        Assert.Equal(instances.Sum(instance => instance.Lent), instances.Sum(instance => instance.Released));
    }

    [Fact]
    public async Task Real_sessions_give_the_same_for_numbers_and_strings_as_in_one_piece()
    {
        using var folder = new ModelFolder();
        await using var numbers = await folder.EngineAsync(TinyModel.Identity(DataType.Float, "n", 3), ModelFolder.Settings(maxSize: 4));
        var values = Enumerable.Range(0, 27).Select(i => (float)i).ToArray();
        var answer = await ModelFolder.Answer(numbers, ModelFolder.Request(9, 1, ModelFolder.Tensor([9, 3], values)));
        Assert.Equal([9L, 3], answer.Outputs[0].Shape.ToArray());
        Assert.Equal(values, ModelFolder.Elements<float>(answer.Outputs[0]));
        Assert.Equal(3, numbers.Statistics.ReadModel().ExecutionCount);

        await using var strings = await folder.EngineAsync(TinyModel.Identity(DataType.String, "n", 2), ModelFolder.Settings(maxSize: 2));
        var wire = new MemoryStream();
        foreach (var text in Enumerable.Range(0, 10).Select(i => new string('ä', i)))
        {
            wire.Write(BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text)));
            wire.Write(Encoding.UTF8.GetBytes(text));
        }

        var texts = await ModelFolder.Answer(strings, ModelFolder.Request(5, 1, new TensorContent(new long[] { 5, 2 }, wire.ToArray())));
        Assert.Equal(wire.ToArray(), texts.Outputs[0].Bytes.ToArray());
        Assert.Equal(new DurationSum(1, texts.Phases.Total), strings.Statistics.ReadModel().Success);
    }

    private BatchingEngine Engine(SimulatedInstance instance, int maxSize) => SimulatedEngine.Of(instance, _clock, Settings(maxSize));

    private static RuntimeSettings Settings(int maxSize) => new() { Batching = new BatchingSettings { MaxSize = maxSize } };

    private static byte[] Bytes(InferenceOutcome outcome) => Assert.IsType<InferenceOutcome.Answered>(outcome).Outputs[0].Bytes.ToArray();
}
