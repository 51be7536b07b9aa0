using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Execution;
using InferenceRuntime.Execution.Sessions;

namespace InferenceRuntime.Tests.Execution;

public sealed class OutOfMemoryTests
{
    private readonly SimulatedClock _clock = new();

    [Fact]
    public async Task A_batch_that_does_not_fit_runs_in_halves_and_later_ones_have_half_the_rows_until_the_settings_change()
    {
        var instance = new SimulatedInstance(gated: true) { RowsFitting = 5 };
        await using var engine = Engine(instance);
        await RunAsync(instance, engine, requests: 8);
        Assert.Equal([1, 8, 4, 4], instance.Runs);
        Assert.Equal(1, OutOfMemory(engine));

        await RunAsync(instance, engine, requests: 8);
        Assert.Equal([1, 4, 4], instance.Runs[4..]);
        Assert.Equal(1, OutOfMemory(engine));

        engine.Apply(Settings());
        instance.RowsFitting = 100;
        await RunAsync(instance, engine, requests: 8);
        Assert.Equal([1, 8], instance.Runs[7..]);
        Assert.Equal(instance.Lent, instance.Released);
    }

    [Fact]
    public async Task A_single_request_that_does_not_fit_is_cut_in_two_and_joined()
    {
        var instance = new SimulatedInstance { RowsFitting = 5 };
        await using var engine = Engine(instance);

        var answer = Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(SimulatedEngine.Send(engine, SimulatedEngine.Counting(1, 7))));

        Assert.Equal([1, 2, 3, 4, 5, 6, 7], answer.Outputs[0].Bytes.ToArray());
        Assert.Equal([7, 3, 4], instance.Runs);
        Assert.Equal((2, 2), (instance.Lent, instance.Released));
        answer.Release!(); // The joined outputs are lent.
    }

    [Fact]
    public async Task What_does_not_fit_by_halves_either_fails_and_the_rest_is_answered()
    {
        var instance = new SimulatedInstance { RowsFitting = 3 };
        await using var engine = Engine(instance);

        Assert.IsType<InferenceOutcome.Failed>(await SimulatedEngine.Soon(SimulatedEngine.Send(engine, SimulatedEngine.Counting(1, 8))));
        Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(SimulatedEngine.Send(engine, SimulatedEngine.Counting(1, 3))));
        instance.RowsFitting = 0;
        Assert.IsType<InferenceOutcome.Failed>(await SimulatedEngine.Soon(SimulatedEngine.Send(engine, SimulatedEngine.Counting(1, 1))));
        Assert.Equal(2, OutOfMemory(engine));
    }

    [Theory]
    [InlineData("[ErrorCode:RuntimeException] Exception during initialization: std::bad_alloc", RunStatus.OutOfMemory)]
    [InlineData("[ErrorCode:Fail] /x/bfc_arena.cc:376 BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 99", RunStatus.OutOfMemory)]
    [InlineData("[ErrorCode:Fail] CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=h ; file=f ; line=1", RunStatus.OutOfMemory)]
    [InlineData("[ErrorCode:Fail] CUDA failure 700: an illegal memory access ; GPU=0 ; hostname=h ; file=f ; line=1", RunStatus.Failed)]
    [InlineData("[ErrorCode:InvalidArgument] Got invalid dimensions for input: x", RunStatus.Refused)]
    public void The_texts_of_a_lack_of_memory_are_told_from_others(string message, RunStatus expected) =>
        Assert.Equal(expected, RunFailure.From(message, TimeSpan.Zero).Status);

    [Fact]
    public void An_accelerator_s_complaint_is_told_without_the_signature_of_who_checked() => Assert.Equal(
        "the accelerator failed: CUDNN failure 1001: CUDNN_STATUS_NOT_INITIALIZED ; GPU=0",
        RunFailure.From(
            "[ErrorCode:Fail] std::conditional_t<THRW, void, Status> CudaCall(ERRTYPE, const char*) [with bool THRW = true] CUDNN failure 1001: CUDNN_STATUS_NOT_INITIALIZED ; GPU=0 ; hostname=node ; file=/x/cuda_call.cc ; line=1",
            TimeSpan.Zero).Reason);

    private async Task RunAsync(SimulatedInstance instance, BatchingEngine engine, int requests)
    {
        var first = SimulatedEngine.Send(engine, SimulatedEngine.Request(1));
        await instance.RunBegins();
        var waiting = Enumerable.Range(0, requests).Select(i => SimulatedEngine.Send(engine, SimulatedEngine.Request((byte)i))).ToArray();
        instance.LetThrough(10);
        foreach (var outcome in (Task<InferenceOutcome>[])[first, .. waiting])
        {
            Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(outcome)).Release!(); // Simulated outputs are lent.
        }

        await instance.TakeBackAsync();
    }

    private long OutOfMemory(BatchingEngine engine) => engine.Statistics.Snapshot(_clock.GetTimestamp()).OutOfMemory;

    private BatchingEngine Engine(SimulatedInstance instance) => SimulatedEngine.Of(instance, _clock, Settings());

    private static RuntimeSettings Settings() => new() { Batching = new BatchingSettings { MaxSize = 8 } };
}
