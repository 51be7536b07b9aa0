using InferenceRuntime.Contract;
using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Core.Tests.Batching;

public sealed class BatchQueueTests
{
    private const long Second = 1000;

    private static readonly ShapeKey Short = new([2, 8]);
    private static readonly ShapeKey Long = new([2, 16]);

    private readonly Batch _batch = new();

    [Fact]
    public void An_empty_queue_waits_for_work() => Assert.Equal(BatchDecision.WaitForWork, Queue().Next(0, _batch));

    [Fact]
    public void Without_a_delay_a_free_slot_takes_what_is_there()
    {
        var queue = Queue(rowsMax: 8);
        var (a, b) = (Offer(queue, rows: 2), Offer(queue, rows: 3));

        Assert.Equal(BatchDecision.Close, queue.Next(0, _batch));
        Assert.Equal([a, b], Taken());
        Assert.Equal(5, _batch.Rows);
        Assert.Equal(BatchDecision.WaitForWork, queue.Next(0, _batch));
    }

    [Fact]
    public void A_batch_never_exceeds_the_limit_and_never_splits_or_overtakes_a_request()
    {
        var queue = Queue(rowsMax: 8);
        var requests = new[] { Offer(queue, rows: 5), Offer(queue, rows: 4), Offer(queue, rows: 1) };

        queue.Next(0, _batch);
        Assert.Equal([requests[0]], Taken());
        queue.Next(0, _batch);
        Assert.Equal([requests[1], requests[2]], Taken());
    }

    [Fact]
    public void A_request_larger_than_the_limit_fills_batches_in_order_with_its_neighbours()
    {
        var queue = Queue(rowsMax: 4);
        var (small, large, last) = (Offer(queue, rows: 1), Offer(queue, rows: 9), Offer(queue, rows: 1));
        Assert.Equal(new QueueDepth(3, 11, 3), queue.Depth);

        Assert.Equal([new(small, 0, 1), new(large, 0, 3)], NextParts(queue));
        Assert.Equal(new QueueDepth(2, 7, 2), queue.Depth);
        Assert.Equal([new(large, 3, 4)], NextParts(queue));
        Assert.Equal([new(large, 7, 2), new(last, 0, 1)], NextParts(queue));
        Assert.Equal(default, queue.Depth);
    }

    [Fact]
    public void What_is_left_of_a_split_request_expires_or_is_withdrawn_whole()
    {
        var queue = Queue(rowsMax: 4);
        var (cancelled, late) = (Offer(queue, rows: 9), Offer(queue, rows: 9, deadline: 10));
        NextParts(queue);

        Assert.True(queue.Withdraw(cancelled));
        Assert.Equal(new QueueDepth(1, 9, 1), queue.Depth);
        NextParts(queue);
        queue.Expire(10);
        Assert.Same(late, queue.TakeExpired());
        Assert.Equal(default, queue.Depth);
        Assert.Equal(4, late.RowsTaken);
    }

    [Fact]
    public void A_limit_that_grows_takes_the_rest_of_a_split_request_at_once()
    {
        var queue = Queue(rowsMax: 4);
        var large = Offer(queue, rows: 9);
        NextParts(queue);

        queue.Policy = queue.Policy with { RowsMax = 100 };

        Assert.Equal([new(large, 4, 5)], NextParts(queue));
    }

    [Fact]
    public void With_a_limit_of_one_every_request_runs_alone_in_order_of_arrival()
    {
        var queue = Queue(rowsMax: 1);
        var requests = new[] { Offer(queue, shape: Short), Offer(queue, shape: Long), Offer(queue, shape: Short) };

        foreach (var expected in requests)
        {
            queue.Next(0, _batch);
            Assert.Equal([expected], Taken());
        }
    }

    [Fact]
    public void Only_requests_of_one_shape_run_together_and_the_oldest_head_goes_first()
    {
        var queue = Queue(rowsMax: 8);
        var (a, b, c) = (Offer(queue, shape: Short), Offer(queue, shape: Long), Offer(queue, shape: Short));

        queue.Next(0, _batch);
        Assert.Equal([a, c], Taken());
        queue.Next(0, _batch);
        Assert.Equal([b], Taken());
    }

    [Fact]
    public void With_a_delay_the_oldest_waits_for_company_that_long_and_no_longer()
    {
        var queue = Queue(rowsMax: 8, delay: 20);
        var a = Offer(queue, now: 100);
        var b = Offer(queue, now: 115);

        Assert.Equal(BatchDecision.WaitUntil(120), queue.Next(100, _batch));
        Assert.Equal(BatchDecision.WaitUntil(120), queue.Next(119, _batch));
        Assert.Equal(BatchDecision.Close, queue.Next(120, _batch));
        Assert.Equal([a, b], Taken());
    }

    [Fact]
    public void A_full_batch_does_not_wait()
    {
        var queue = Queue(rowsMax: 4, delay: 20);
        Offer(queue, rows: 3);
        Assert.Equal(BatchDecision.WaitUntil(20), queue.Next(0, _batch));

        Offer(queue, rows: 1);
        Assert.Equal(BatchDecision.Close, queue.Next(0, _batch));
        Assert.Equal(4, _batch.Rows);
    }

    [Fact]
    public void A_batch_that_the_next_request_does_not_fit_does_not_wait()
    {
        var queue = Queue(rowsMax: 4, delay: 20);
        var first = Offer(queue, rows: 3);
        Offer(queue, rows: 2);

        Assert.Equal(BatchDecision.Close, queue.Next(0, _batch));
        Assert.Equal([first], Taken());
    }

    [Fact]
    public void A_full_shape_goes_ahead_of_an_older_one_that_still_waits_for_company()
    {
        var queue = Queue(rowsMax: 2, delay: 20);
        var waiting = Offer(queue, now: 0, shape: Short);
        var full = new[] { Offer(queue, now: 5, shape: Long), Offer(queue, now: 6, shape: Long) };

        Assert.Equal(BatchDecision.Close, queue.Next(6, _batch));
        Assert.Equal(full, Taken());
        Assert.Equal(BatchDecision.WaitUntil(20), queue.Next(6, _batch));
        Assert.Equal(BatchDecision.Close, queue.Next(20, _batch));
        Assert.Equal([waiting], Taken());
    }

    [Fact]
    public void A_batch_closes_when_waiting_longer_would_break_the_earliest_deadline()
    {
        var queue = Queue(rowsMax: 8, delay: 1000);
        queue.AddExecution(ShapeKey.Fixed, rows: 2, duration: 30);
        Offer(queue, now: 0);
        Offer(queue, now: 0, deadline: 200);

        Assert.Equal(BatchDecision.WaitUntil(170), queue.Next(0, _batch));
        Assert.Equal(BatchDecision.Close, queue.Next(170, _batch));
        Assert.Equal(2, _batch.Parts.Length);
    }

    [Fact]
    public void Each_shape_closes_by_its_own_measured_time_and_a_new_one_by_that_of_all()
    {
        foreach (var (shape, startBy) in new[] { (Short, 190), (Long, 100), (new ShapeKey([2, 32]), 145) })
        {
            var queue = Queue(rowsMax: 8, delay: 1000);
            queue.AddExecution(Short, rows: 1, duration: 10);
            queue.AddExecution(Long, rows: 1, duration: 100);
            Offer(queue, now: 0, shape: shape, deadline: 200);

            var until = queue.Next(0, _batch).Until;

            Assert.InRange(until, startBy - 1, startBy + 1);
        }
    }

    [Fact]
    public void A_shape_whose_rows_did_not_fit_has_half_of_them_until_the_limits_are_set_again()
    {
        var queue = Queue(rowsMax: 8);
        queue.ShrinkRows(Short, 8);
        queue.ShrinkRows(Short, 100);
        for (var i = 0; i < 20; i++)
        {
            Offer(queue, shape: i < 10 ? Short : Long);
        }

        Assert.Equal([4, 4, 2, 8, 2], Enumerable.Range(0, 5).Select(_ => NextParts(queue).Length));
        queue.Policy = queue.Policy with { DelayMax = 0 };
        for (var i = 0; i < 10; i++)
        {
            Offer(queue, shape: Short);
        }

        Assert.Equal(8, NextParts(queue).Length);
    }

    [Fact]
    public void A_request_is_expired_at_its_deadline_and_never_executed()
    {
        var queue = Queue(rowsMax: 8, delay: 1000);
        var late = Offer(queue, now: 0, deadline: 50);
        var patient = Offer(queue, now: 0);

        Assert.Equal(BatchDecision.WaitUntil(1000), queue.Next(50, _batch));
        Assert.Same(late, queue.TakeExpired());
        Assert.Null(late.NextDeparted);
        Assert.Null(queue.TakeExpired());
        queue.Next(1000, _batch);
        Assert.Equal([patient], Taken());
        Assert.Equal(Admission.Expired, queue.Offer(Request(deadline: 50), now: 50));
    }

    [Fact]
    public void The_queue_is_bounded_by_requests_and_expired_ones_make_room()
    {
        var queue = Queue(requestsMax: 2);
        var late = Offer(queue, now: 0, deadline: 10);
        Offer(queue, now: 0);

        Assert.Equal(Admission.Full, queue.Offer(Request(), now: 9));
        Assert.Equal(Admission.Accepted, Quiet(queue.Offer(Request(), now: 10)));
        Assert.Same(late, queue.TakeExpired());
    }

    [Fact]
    public void The_queue_is_bounded_by_bytes()
    {
        var queue = Queue(bytesMax: 100);

        Assert.Equal(Admission.TooLarge, queue.Offer(Request(bytes: 101), now: 0));
        Assert.Equal(Admission.Accepted, Quiet(queue.Offer(Request(bytes: 60), now: 0)));
        Assert.Equal(Admission.Full, queue.Offer(Request(bytes: 41), now: 0));
        Assert.Equal(Admission.Accepted, Quiet(queue.Offer(Request(bytes: 40), now: 0)));
        Assert.Equal(new QueueDepth(2, 2, 100), queue.Depth);
    }

    [Fact]
    public void A_cancelled_request_leaves_at_once_and_only_once()
    {
        var queue = Queue(rowsMax: 8);
        var (a, b, c) = (Offer(queue), Offer(queue, deadline: 99), Offer(queue));

        Assert.True(queue.Withdraw(b));
        Assert.False(queue.Withdraw(b));
        Assert.Equal(2, queue.Depth.Requests);
        queue.Next(100, _batch);
        Assert.Equal([a, c], Taken());
        Assert.False(queue.Withdraw(a));
        Assert.Null(queue.TakeExpired());
    }

    [Fact]
    public void The_time_to_retry_is_the_backlog_over_the_measured_rate()
    {
        var queue = Queue(rowsMax: 8, slots: 2);
        Assert.Equal(BatchQueue.RetryAfterUnknown, queue.RetryAfter());

        queue.AddExecution(ShapeKey.Fixed, rows: 4, duration: 2 * Second);
        Offer(queue, rows: 6);
        Offer(queue, rows: 6);
        Assert.Equal(TimeSpan.FromSeconds(3), queue.RetryAfter());

        queue.AddExecution(ShapeKey.Fixed, rows: 1, duration: 10_000 * Second);
        Assert.Equal(BatchQueue.RetryAfterMax, queue.RetryAfter());
    }

    [Fact]
    public void A_draining_queue_takes_nothing_new_and_does_not_wait_for_company()
    {
        var queue = Queue(rowsMax: 8, delay: 1000);
        var accepted = Offer(queue);
        queue.BeginDraining();

        Assert.Equal(Admission.Draining, queue.Offer(Request(), now: 0));
        Assert.Equal(BatchDecision.Close, queue.Next(0, _batch));
        Assert.Equal([accepted], Taken());
        Assert.Equal(BatchDecision.WaitForWork, queue.Next(0, _batch));
    }

    [Fact]
    public void New_limits_count_for_the_next_batch_and_drop_nothing()
    {
        var queue = Queue(rowsMax: 8, delay: 1000);
        var requests = Enumerable.Range(0, 5).Select(_ => Offer(queue)).ToArray();

        queue.Policy = queue.Policy with { RowsMax = 2, RequestsMax = 1 };

        Assert.Equal(Admission.Full, queue.Offer(Request(), now: 0));
        queue.Next(0, _batch);
        Assert.Equal(requests[..2], Taken());
        queue.Next(0, _batch);
        Assert.Equal(requests[2..4], Taken());
        Assert.Equal(BatchDecision.WaitUntil(1000), queue.Next(0, _batch));
        Assert.Equal(new QueueDepth(1, 1, 1), queue.Depth);
    }

    [Fact]
    public void A_waiting_worker_is_woken_only_for_what_changes_its_decision()
    {
        var queue = Queue(rowsMax: 4, delay: 1000);

        Assert.Equal(Admission.AcceptedWakeWorker, queue.Offer(Request(), now: 0));
        Assert.Equal(Admission.Accepted, queue.Offer(Request(), now: 1));
        Assert.Equal(Admission.AcceptedWakeWorker, queue.Offer(Request(deadline: 500), now: 2));
        Assert.Equal(Admission.AcceptedWakeWorker, queue.Offer(Request(), now: 3));
        Assert.Equal(Admission.AcceptedWakeWorker, Queue(rowsMax: 4).Offer(Request(), now: 0));
    }

    [Fact]
    public void A_policy_takes_the_settings_in_timestamps_and_ignores_batching_where_it_is_not_possible()
    {
        var settings = new RuntimeSettings
        {
            Batching = new BatchingSettings { MaxSize = 16, MaxDelayMs = 1.5 },
            Queue = new QueueSettings { MaxRequests = 7, MaxBytes = 8 },
        };

        Assert.Equal(new BatchPolicy(16, 15_000, 7, 8), BatchPolicy.From(settings, batched: true, timestampFrequency: 10_000_000));
        Assert.Equal(new BatchPolicy(1, 0, 7, 8), BatchPolicy.From(settings, batched: false, timestampFrequency: 10_000_000));
    }

    [Fact]
    public void A_request_cannot_wait_twice()
    {
        var queue = Queue();
        var request = Offer(queue);

        Assert.Throws<InvalidOperationException>(() => request.Describe(1, 1, ShapeKey.Fixed, long.MaxValue, priority: 0));
    }

    private static BatchQueue Queue(int rowsMax = 8, long delay = 0, int requestsMax = 1000, long bytesMax = 1000, int slots = 1) =>
        new(new BatchPolicy(rowsMax, delay, requestsMax, bytesMax), slots, timestampFrequency: Second);

    private static WaitingRequest Offer(
        BatchQueue queue, int rows = 1, long now = 0, ShapeKey shape = default, long deadline = long.MaxValue, ulong priority = 0)
    {
        var request = Request(rows, 1, shape, deadline, priority);
        Assert.Equal(Admission.Accepted, Quiet(queue.Offer(request, now)));
        return request;
    }

    private static WaitingRequest Request(
        int rows = 1, long bytes = 1, ShapeKey shape = default, long deadline = long.MaxValue, ulong priority = 0)
    {
        var request = new WaitingRequest();
        request.Describe(rows, bytes, shape, deadline, priority);
        return request;
    }

    private static Admission Quiet(Admission admission) => admission is Admission.AcceptedWakeWorker ? Admission.Accepted : admission;

    private BatchPart[] NextParts(BatchQueue queue)
    {
        Assert.Equal(BatchDecision.Close, queue.Next(0, _batch));
        return _batch.Parts.ToArray();
    }

    private WaitingRequest[] Taken() => [.. _batch.Parts.ToArray().Select(part => part.Request)];
}
