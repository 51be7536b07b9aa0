using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Core.Tests.Batching;

public sealed class QueueAllocationTests
{
    [Fact]
    public void In_steady_state_a_request_allocates_nothing_on_its_way_through_the_queue()
    {
        var queue = new BatchQueue(new BatchPolicy(8, 5, 64, 100_000) { TimeoutMax = 1000 }, slots: 1, timestampFrequency: 1000);
        var statistics = new EngineStatistics(0, 1000);
        var batch = new Batch();
        var requests = Enumerable.Range(0, 100).Select(_ => new WaitingRequest()).ToArray();
        ShapeKey[] shapes = [ShapeKey.Fixed, new([1, 4]), new([1, 5])];
        var now = 0L;
        for (var round = 0; round < 200; round++)
        {
            Round();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 200; round++)
        {
            Round();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        // More than there is room for: some are refused, some displaced, some cancelled, some expire, the rest run.
        void Round()
        {
            for (var i = 0; i < requests.Length; i++)
            {
                var request = requests[i];
                queue.Withdraw(request);
                request.Describe(1 + (i % 13), 10, shapes[i % 3], i % 7 == 0 ? now + 3 : long.MaxValue, (ulong)(i % 9));
                statistics.AddArrival(now, request.Rows);
                queue.Offer(request, now);
                queue.TakeDisplaced();
            }

            queue.Withdraw(requests[50]);
            now += 4;
            while (queue.Next(now, batch).Kind is BatchDecisionKind.Close)
            {
                queue.AddExecution(batch.Parts[0].Request.Shape, batch.Rows, 2);
                statistics.AddExecution(batch.Rows, new ExecutionTimes(default, TimeSpan.FromMilliseconds(2), default), DateTimeOffset.UnixEpoch);
                statistics.AddSuccesses(batch.Parts.Length, TimeSpan.FromMilliseconds(1), default);
                for (var part = 0; part < batch.Parts.Length; part++)
                {
                    statistics.AddAnswered(new PhaseTimes(default, default, default), default, default);
                }

                now++;
            }

            queue.TakeExpired();
            statistics.AddFailure(TimeSpan.Zero);
            statistics.SetQueue(queue.Depth);
            queue.RetryAfter();
        }
    }
}
