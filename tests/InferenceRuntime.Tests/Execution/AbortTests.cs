using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Onnx.Schema;
using InferenceRuntime.Onnx.Tests;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Tests.Execution;

public sealed class AbortTests
{
    private readonly SimulatedClock _clock = new();

    [Fact]
    public async Task A_run_that_nobody_waits_for_any_more_is_ended_and_counted_and_the_next_runs_to_its_end()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = SimulatedEngine.Of(instance, _clock);
        using var clients = new CancellationTokenSource();
        var first = SimulatedEngine.Send(engine, SimulatedEngine.Request(1), clients.Token);
        await instance.RunBegins();

        await clients.CancelAsync();

        Assert.IsType<InferenceOutcome.Cancelled>(await SimulatedEngine.Soon(first));
        var next = SimulatedEngine.Send(engine, SimulatedEngine.Request(2));
        await instance.RunBegins();
        instance.LetThrough();
        Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(next));
        var snapshot = engine.Statistics.Snapshot(_clock.GetTimestamp());
        Assert.Equal((1, 1), (snapshot.Terminations, snapshot.Executions.Count));
    }

    [Fact]
    public async Task A_run_goes_on_while_one_of_its_clients_still_waits()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = SimulatedEngine.Of(instance, _clock);
        var blocker = SimulatedEngine.Send(engine, SimulatedEngine.Request(1));
        await instance.RunBegins();
        using var gone = new CancellationTokenSource();
        using var last = new CancellationTokenSource();
        var batch = new[]
        {
            SimulatedEngine.Send(engine, SimulatedEngine.Request(2), gone.Token), SimulatedEngine.Send(engine, SimulatedEngine.Request(3), last.Token),
        };
        instance.LetThrough();
        await instance.RunBegins();

        await gone.CancelAsync();
        Assert.False(batch[0].IsCompleted);
        await last.CancelAsync();

        Assert.IsType<InferenceOutcome.Cancelled>(await SimulatedEngine.Soon(batch[0]));
        Assert.IsType<InferenceOutcome.Cancelled>(await SimulatedEngine.Soon(batch[1]));
        Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(blocker));
        Assert.Equal([1, 2], instance.Runs);
    }

    [Fact]
    public async Task A_real_run_ends_long_before_it_would_have_and_the_session_serves_on()
    {
        using var folder = new ModelFolder();
        await using var engine = await folder.EngineAsync(
            Chain(nodes: 400), new RuntimeSettings { Batching = new BatchingSettings { MaxSize = 256 } });
        var request = ModelFolder.Request(256, 1, ModelFolder.Tensor([256, 512], new float[256 * 512]));
        var whole = (await ModelFolder.Answer(engine, request)).Phases.Compute;
        using var client = new CancellationTokenSource();
        var outcome = engine.InferAsync(request, client.Token).AsTask();
        while (engine.Statistics.Snapshot(TimeProvider.System.GetTimestamp()).Queue.Requests > 0)
        {
            await Task.Yield();
        }

        var startedAt = TimeProvider.System.GetTimestamp();
        await client.CancelAsync();
        Assert.IsType<InferenceOutcome.Cancelled>(await SimulatedEngine.Soon(outcome));

        var took = TimeProvider.System.GetElapsedTime(startedAt);
        Assert.True(took < whole / 2, $"{took} of {whole}");
        Assert.Equal(1, engine.Statistics.Snapshot(TimeProvider.System.GetTimestamp()).Terminations);
        Assert.IsType<InferenceOutcome.Answered>(await ModelFolder.Ask(engine, request));
    }

    // ONNX Runtime looks at the request to end between nodes.
    private static ModelProto Chain(int nodes) => TinyModel.Of(
        [TinyModel.Value("v0", DataType.Float, "n", 512)],
        [TinyModel.Value($"v{nodes}", DataType.Float, "n", 512)],
        [.. Enumerable.Range(0, nodes).Select(i => TinyModel.Node("Sin", [$"v{i}"], [$"v{i + 1}"]))]);
}
