using InferenceRuntime.Contract;
using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Core.Tests.Batching;

public sealed class PriorityTests
{
    private readonly Batch _batch = new();

    [Fact]
    public void A_higher_level_goes_first_and_within_a_level_the_first_that_came()
    {
        var queue = Queue(rowsMax: 1);
        var (low, high, second) = (Offer(queue, 8), Offer(queue, 1), Offer(queue, 1));

        Assert.Equal([high, second, low], TakeAll(queue));
    }

    [Fact]
    public void Lower_levels_fill_what_higher_ones_leave_of_a_batch()
    {
        var queue = Queue(rowsMax: 3);
        var (low, middle, high) = (Offer(queue, 8), Offer(queue, 5), Offer(queue, 2));

        queue.Next(0, _batch);
        Assert.Equal([new(high, 0, 1), new(middle, 0, 1), new(low, 0, 1)], _batch.Parts.ToArray());
    }

    [Fact]
    public void A_low_request_runs_at_once_when_nothing_higher_waits()
    {
        var queue = Queue(rowsMax: 8);
        Offer(queue, 8);

        Assert.Equal(BatchDecision.Close, queue.Next(0, _batch));
    }

    [Fact]
    public void A_full_queue_turns_away_whatever_has_no_priority_unless_a_lower_level_can_make_room()
    {
        var policy = new BatchPolicy(RowsMax: 1, DelayMax: 0, RequestsMax: 2, BytesMax: long.MaxValue) { DefaultLevel = 4 };
        var queue = new BatchQueue(policy, slots: 1, timestampFrequency: 1000);
        Offer(queue, 0);
        Assert.False(queue.IsFullAt(0));

        var low = Offer(queue, 5);
        Assert.False(queue.IsFullAt(0));
        queue.Withdraw(low);
        Offer(queue, 4);

        Assert.True(queue.IsFullAt(0));
    }

    [Fact]
    public void A_full_queue_is_not_full_any_more_when_the_time_of_one_is_up()
    {
        var policy = new BatchPolicy(RowsMax: 1, DelayMax: 0, RequestsMax: 1, BytesMax: long.MaxValue) { TimeoutMax = 10 };
        var queue = new BatchQueue(policy, slots: 1, timestampFrequency: 1000);
        Offer(queue, 0);

        Assert.True(queue.IsFullAt(9));
        Assert.False(queue.IsFullAt(10));
    }

    [Fact]
    public void Zero_is_the_default_level_and_beyond_the_lowest_is_the_lowest()
    {
        var queue = Queue(rowsMax: 1, defaultLevel: 3);

        Assert.Equal(3, Offer(queue, 0).Level);
        Assert.Equal(8, Offer(queue, ulong.MaxValue).Level);
        Assert.Equal(1, Offer(queue, 1).Level);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Under_endless_high_load_each_low_request_is_executed_within_the_stated_number_of_batches(int rowsMax)
    {
        var queue = Queue(rowsMax);
        var low = Enumerable.Range(0, 5).Select(_ => Offer(queue, 8)).ToArray();
        var batchOf = new Dictionary<WaitingRequest, int>();
        for (var n = 1; batchOf.Count(pair => pair.Key.Level == 8) < low.Length; n++)
        {
            for (var i = 0; i < 2 * rowsMax; i++)
            {
                Offer(queue, 1);
            }

            queue.Next(n, _batch);
            Assert.Equal(rowsMax, _batch.Rows);
            foreach (var part in _batch.Parts)
            {
                batchOf.Add(part.Request, n);
            }
        }

        for (var older = 0; older < low.Length; older++)
        {
            Assert.Equal((older + 1) * (BatchQueue.OvertakenMax + 1), batchOf[low[older]]);
        }
    }

    [Fact]
    public void A_full_queue_turns_away_the_youngest_of_the_lowest_level_for_a_higher_one()
    {
        var queue = Queue(rowsMax: 1, requestsMax: 4);
        var (oldest, low, youngest, middle) = (Offer(queue, 8), Offer(queue, 8), Offer(queue, 8), Offer(queue, 5));

        Assert.Equal(Admission.Full, queue.Offer(Request(8), 0));
        Assert.Null(queue.TakeDisplaced());
        var first = Offer(queue, 1);
        Assert.Same(youngest, queue.TakeDisplaced());
        Assert.Null(youngest.NextDeparted);
        var second = Offer(queue, 4);
        Assert.Same(low, queue.TakeDisplaced());
        Assert.Equal(Admission.Full, queue.Offer(Request(5), 0));

        Assert.Equal(new QueueDepth(4, 4, 4), queue.Depth);
        Assert.Equal([first, second, middle, oldest], TakeAll(queue));
    }

    [Fact]
    public void The_oldest_of_all_is_not_turned_away()
    {
        var queue = Queue(rowsMax: 1, requestsMax: 2);
        var (oldest, other) = (Offer(queue, 8), Offer(queue, 2));

        Assert.Equal(Admission.Full, queue.Offer(Request(2), 0));
        var high = Offer(queue, 1);
        Assert.Same(other, queue.TakeDisplaced());
        Assert.Equal(Admission.Full, queue.Offer(Request(1), 0));
        Assert.Equal([high, oldest], TakeAll(queue));
    }

    [Fact]
    public void As_many_make_room_as_the_bytes_need_and_none_when_that_is_not_enough()
    {
        var queue = Queue(rowsMax: 1, bytesMax: 100);
        Offer(queue, 1, bytes: 40);
        var (low, lower) = (Offer(queue, 5, bytes: 30), Offer(queue, 6, bytes: 30));

        Assert.Equal(Admission.Full, queue.Offer(Request(4, bytes: 61), 0));
        Assert.Null(queue.TakeDisplaced());
        Offer(queue, 4, bytes: 60);
        var departed = queue.TakeDisplaced();
        Assert.Same(low, departed);
        Assert.Same(lower, departed!.NextDeparted); // Two had to go.
        Assert.Equal(new QueueDepth(2, 2, 100), queue.Depth);
    }

    [Fact]
    public void The_longest_wait_bounds_a_deadline_and_never_extends_it()
    {
        var queue = Queue(rowsMax: 1);
        queue.Policy = queue.Policy with { TimeoutMax = 50 };

        Assert.Equal(60, Offer(queue, 0, now: 10).DeadlineAt);
        Assert.Equal(30, Offer(queue, 0, now: 10, deadline: 30).DeadlineAt);
        Assert.Equal(60, Offer(queue, 0, now: 10, deadline: 100).DeadlineAt);
        Assert.Equal(30, queue.NextExpiryAt);
        queue.Expire(30);
        Assert.NotNull(queue.TakeExpired());
        Assert.Equal(60, queue.NextExpiryAt);
    }

    [Fact]
    public void Settings_give_the_longest_wait_in_timestamps_and_the_default_level()
    {
        var settings = new RuntimeSettings { Queue = new QueueSettings { TimeoutMs = 1.5, DefaultPriority = 2 } };

        var policy = BatchPolicy.From(settings, batched: true, timestampFrequency: 10_000_000);

        Assert.Equal((15_000, 2), (policy.TimeoutMax, policy.DefaultLevel));
        var defaults = BatchPolicy.From(new RuntimeSettings(), batched: true, timestampFrequency: 10_000_000);
        Assert.Equal((long.MaxValue, 4), (defaults.TimeoutMax, defaults.DefaultLevel));
    }

    private static BatchQueue Queue(int rowsMax, int requestsMax = 1000, long bytesMax = 1000, int defaultLevel = 4) => new(
        new BatchPolicy(rowsMax, 0, requestsMax, bytesMax) { DefaultLevel = defaultLevel }, slots: 1, timestampFrequency: 1000);

    private static WaitingRequest Offer(BatchQueue queue, ulong priority, long bytes = 1, long now = 0, long deadline = long.MaxValue)
    {
        var request = Request(priority, bytes, deadline);
        Assert.Equal(Admission.AcceptedWakeWorker, queue.Offer(request, now));
        return request;
    }

    private static WaitingRequest Request(ulong priority, long bytes = 1, long deadline = long.MaxValue)
    {
        var request = new WaitingRequest();
        request.Describe(1, bytes, ShapeKey.Fixed, deadline, priority);
        return request;
    }

    private List<WaitingRequest> TakeAll(BatchQueue queue)
    {
        List<WaitingRequest> taken = [];
        while (queue.Next(0, _batch).Kind is BatchDecisionKind.Close)
        {
            taken.AddRange(_batch.Parts.ToArray().Select(part => part.Request));
        }

        return taken;
    }
}
