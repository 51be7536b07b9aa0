using InferenceRuntime.Contract;
using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Execution;

namespace InferenceRuntime.Tests.Execution;

public sealed class BatchRoomTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(5, false)]
    public async Task After_a_batch_a_worker_learns_whether_what_waits_leaves_room_in_the_next(int waiting, bool hasRoom)
    {
        var clock = new SimulatedClock();
        var signature = SimulatedEngine.Signature(batched: true);
        var policy = BatchPolicy.From(new RuntimeSettings { Batching = new BatchingSettings { MaxSize = 2 } }, signature.Batched, clock.TimestampFrequency);
        await using var dispatcher = new BatchDispatcher(signature, policy, slots: 1, clock, new EngineStatistics(clock.GetTimestamp(), clock.TimestampFrequency));
        using var instance = new SimulatedInstance();
        var slot = new RunSlot(instance, 0);
        var (pool, shapes) = (new PendingPool(dispatcher), new ShapeKeys(signature));

        Enter();
        Assert.True(dispatcher.WaitForBatch(slot, out _));
        for (var i = 0; i < waiting; i++)
        {
            Enter();
        }

        Assert.Equal(hasRoom, dispatcher.EndBatch(slot));

        void Enter()
        {
            var (pending, request) = (pool.Rent(), SimulatedEngine.Request(1));
            pending.Begin(request, shapes.Of(request));
            Assert.Null(dispatcher.Enter(pending, clock.GetTimestamp(), out _));
        }
    }
}
