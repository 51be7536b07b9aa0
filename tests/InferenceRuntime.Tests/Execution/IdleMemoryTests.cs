using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Execution;
using InferenceRuntime.Observability;
using InferenceRuntime.Onnx.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Tests.Execution;

/// <summary>Looks at the memory of the whole process.</summary>
[Collection(nameof(AllocationTests))]
public sealed class IdleMemoryTests
{
    private readonly SimulatedClock _clock = new();

    [Fact]
    public async Task A_worker_that_has_rested_gives_memory_back_once_and_serves_on()
    {
        var instance = new SimulatedInstance();
        await using var engine = SimulatedEngine.Of(instance, _clock);
        Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(SimulatedEngine.Send(engine, SimulatedEngine.Request(1))));
        await TimerAsync();

        _clock.Advance(BatchDispatcher.IdleTime - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, instance.TimesGivenBack);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await instance.GivesMemoryBack();
        Assert.Null(_clock.NextTimer);

        Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(SimulatedEngine.Send(engine, SimulatedEngine.Request(2))));
        await TimerAsync();
        _clock.Advance(BatchDispatcher.IdleTime);
        await instance.GivesMemoryBack();
        Assert.Equal(2, instance.TimesGivenBack);
    }

    [Fact]
    public async Task A_real_session_gives_back_what_its_largest_run_took()
    {
        const int Rows = 8192;
        const int Width = 1024;
        using var folder = new ModelFolder();
        var model = TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n", Width)],
            [TinyModel.Value("y", DataType.Float, "n", 1)],
            [TinyModel.Node("Sin", ["x"], ["a"]), TinyModel.Node("Exp", ["a"], ["b"]), TinyModel.Node("ReduceSum", ["b", "axes"], ["y"])]).WithIntegers("axes", 1);
        var load = await OnnxEngine.LoadAsync(
            new EngineOptions
            {
                ModelPath = folder.Write("m.onnx", model.Bytes()),
                Name = "m",
                Threads = 1,
                Settings = new RuntimeSettings { Batching = new BatchingSettings { MaxSize = Rows } },
                WarmUpMax = TimeSpan.Zero,
            },
            _clock,
            NullLoggerFactory.Instance,
            CancellationToken.None);
        await using var engine = ModelFolder.Loaded(load);
        var request = ModelFolder.Request(Rows, 1, ModelFolder.Tensor([Rows, Width], new float[Rows * Width]));
        var before = await ModelFolder.Answer(engine, request);
        var held = ProcessFacts.Read().ResidentBytes;
        await TimerAsync();

        _clock.Advance(BatchDispatcher.IdleTime);

        // The run needs at least one tensor of 32 MiB beside the request's own memory.
        var deadline = TimeProvider.System.GetTimestamp() + (30 * TimeProvider.System.TimestampFrequency);
        while (held - ProcessFacts.Read().ResidentBytes < Rows * Width * sizeof(float) * 3L / 4 && TimeProvider.System.GetTimestamp() < deadline)
        {
            await Task.Yield();
        }

        Assert.InRange(held - ProcessFacts.Read().ResidentBytes, Rows * Width * sizeof(float) * 3L / 4, long.MaxValue);
        var after = await ModelFolder.Answer(engine, request);
        Assert.Equal(before.Outputs[0].Bytes.ToArray(), after.Outputs[0].Bytes.ToArray());
    }

    // The worker arms it when it has gone to rest.
    private async Task TimerAsync()
    {
        while (_clock.NextTimer is null)
        {
            await Task.Yield();
        }
    }
}
