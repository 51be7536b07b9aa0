using System.Diagnostics;
using InferenceRuntime.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry;

namespace InferenceRuntime.Tests.Tracing;

/// <summary>The queue between spans and receiver, with a receiver that does what it is told.</summary>
public sealed class SpanQueueTests
{
    private readonly SimulatedClock _clock = new();

    [Fact]
    public async Task Spans_are_sent_when_a_batch_is_full_or_the_interval_has_passed()
    {
        var receiver = new Receiver();
        using var queue = Queue(receiver, spansMax: 100, sentMax: 3);

        End(queue, 3);
        Assert.Equal(3, await receiver.NextAsync());
        End(queue, 2);
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(2, await receiver.NextAsync());
        queue.Finish();
        await Soon(queue.Ended);
        Assert.Equal(new SpanCounts(5, 0, 0), queue.Counts);
    }

    [Fact]
    public async Task While_the_receiver_is_slow_the_queue_fills_to_its_limit_and_the_rest_is_dropped_and_counted()
    {
        var receiver = new Receiver(isGated: true);
        using var queue = Queue(receiver, spansMax: 10, sentMax: 4);
        End(queue, 4);
        Assert.Equal(4, await receiver.NextAsync());

        End(queue, 25);

        Assert.Equal(new SpanCounts(0, 15, 0), queue.Counts);
        receiver.LetThrough(4);
        queue.Finish();
        await Soon(queue.Ended);
        Assert.Equal(new SpanCounts(14, 15, 0), queue.Counts);
    }

    [Fact]
    public async Task What_the_receiver_refuses_is_dropped_and_counted_and_the_next_is_sent_again()
    {
        var receiver = new Receiver { Result = ExportResult.Failure };
        using var queue = Queue(receiver, spansMax: 10, sentMax: 2);
        End(queue, 2);
        await receiver.NextAsync();
        End(queue, 1);
        receiver.Result = ExportResult.Success;

        queue.Finish();

        await Soon(queue.Ended);
        Assert.Equal(3, queue.Counts.DroppedUndelivered + queue.Counts.Exported);
        Assert.Equal(1, queue.Counts.Exported);
    }

    [Fact]
    public async Task The_end_sends_what_waits_and_takes_nothing_more()
    {
        var receiver = new Receiver();
        using var queue = Queue(receiver, spansMax: 10, sentMax: 10);
        End(queue, 7);

        queue.Finish();
        await Soon(queue.Ended);
        End(queue, 1);

        Assert.Equal(new SpanCounts(7, 0, 1), queue.Counts);
    }

    [Fact]
    public async Task Cut_short_it_drops_and_counts_what_still_waits()
    {
        var receiver = new Receiver(isGated: true);
        using var queue = Queue(receiver, spansMax: 10, sentMax: 2);
        End(queue, 2);
        await receiver.NextAsync();
        End(queue, 5);

        queue.Shutdown(0);
        receiver.LetThrough(1);

        await Soon(queue.Ended);
        Assert.Equal(new SpanCounts(2, 0, 5), queue.Counts);
    }

    private SpanQueue Queue(Receiver receiver, int spansMax, int sentMax) => new(
        receiver,
        new TraceSettings { Endpoint = new Uri("http://127.0.0.1"), Service = "s", SpansMax = spansMax, SentMax = sentMax },
        _clock,
        NullLogger.Instance);

    private static void End(SpanQueue queue, int spans)
    {
        for (var i = 0; i < spans; i++)
        {
            using var span = new Activity("span");
            queue.OnEnd(span);
        }
    }

    private static Task Soon(Task task) => task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);

    private sealed class Receiver(bool isGated = false) : BaseExporter<Activity>
    {
        private readonly System.Threading.Channels.Channel<int> _sent = System.Threading.Channels.Channel.CreateUnbounded<int>();
        private readonly SemaphoreSlim _gate = new(0);

        public ExportResult Result { get; set; }

        public void LetThrough(int exports) => _gate.Release(exports);

        /// <summary>Spans of the next export, which has begun.</summary>
        public Task<int> NextAsync() => _sent.Reader.ReadAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);

        public override ExportResult Export(in Batch<Activity> batch)
        {
            var result = Result;
            _sent.Writer.TryWrite((int)batch.Count);
            if (isGated && !_gate.Wait(TimeSpan.FromMinutes(2), CancellationToken.None))
            {
                throw new TimeoutException("nobody let this export through");
            }

            return result;
        }

        protected override void Dispose(bool disposing)
        {
            _gate.Dispose();
            base.Dispose(disposing);
        }
    }
}
