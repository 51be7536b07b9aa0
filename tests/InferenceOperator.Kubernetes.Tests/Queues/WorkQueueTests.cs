using System.Collections.Concurrent;
using InferenceOperator.Kubernetes.Queues;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Kubernetes.Tests.Queues;

public sealed class WorkQueueTests : IDisposable
{
    private readonly SimulatedClock _clock = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueueTests()
    {
        _queue = new WorkQueue<string>(new WorkQueueOptions(), _clock, NullLogger.Instance);
    }

    [Fact]
    public async Task A_worker_that_waits_gets_the_key_that_comes()
    {
        var taken = _queue.TakeAsync(CancellationToken.None);
        Assert.False(taken.IsCompleted);

        _queue.Add("a");

        Assert.Equal("a", await taken);
    }

    [Fact]
    public async Task A_delayed_key_comes_when_its_time_has_come()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(5));
        var taken = _queue.TakeAsync(CancellationToken.None);

        _clock.Advance(TimeSpan.FromSeconds(4.999));
        Assert.False(taken.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.001));

        Assert.Equal("a", await taken);
    }

    [Fact]
    public async Task A_worker_that_gave_up_does_not_swallow_a_key()
    {
        using var cancel = new CancellationTokenSource();
        var gaveUp = _queue.TakeAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gaveUp);

        _queue.Add("a");

        Assert.Equal("a", await _queue.TakeAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Work_that_throws_is_tried_again_after_a_pause_and_the_run_goes_on()
    {
        using var stop = new CancellationTokenSource();
        var tries = new ConcurrentQueue<DateTimeOffset>();
        var failed = new TaskCompletionSource();
        var done = new TaskCompletionSource();
        var run = _queue.RunAsync(
            workers: 1,
            (_, _) =>
            {
                tries.Enqueue(_clock.GetUtcNow());
                if (tries.Count == 1)
                {
                    failed.SetResult();
                    throw new InvalidOperationException("no luck");
                }

                done.SetResult();
                return Task.FromResult(WorkOutcome.Finished);
            },
            stop.Token);

        _queue.Add("a");
        await failed.Task;
        await ArmedAsync();
        _clock.AdvanceToNextTimer();
        await done.Task;
        await stop.CancelAsync();
        await run;

        Assert.Equal(TimeSpan.FromMilliseconds(100), tries.Last() - tries.First());
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public async Task Work_that_asks_for_it_is_repeated_after_the_time_it_asked_for()
    {
        _queue.Add("a");
        var key = await _queue.TakeAsync(CancellationToken.None);
        _queue.Complete(key, WorkOutcome.Again(TimeSpan.FromMinutes(3)));
        var next = _queue.TakeAsync(CancellationToken.None);

        _clock.AdvanceToNextTimer();

        Assert.Equal("a", await next);
        Assert.Equal(TimeSpan.FromMinutes(3), _clock.GetUtcNow() - new SimulatedClock().GetUtcNow());
    }

    [Fact]
    public async Task Several_workers_never_hold_the_same_key_and_all_keys_are_worked_on()
    {
        using var stop = new CancellationTokenSource();
        var holding = new ConcurrentDictionary<string, bool>();
        var finished = new TaskCompletionSource();
        var seen = new ConcurrentDictionary<string, int>();
        var run = _queue.RunAsync(
            workers: 4,
            async (key, _) =>
            {
                Assert.True(holding.TryAdd(key, true));
                await Task.Yield();
                holding.TryRemove(key, out var _);
                if (seen.AddOrUpdate(key, 1, static (_, count) => count + 1) == 1 && seen.Count == 200)
                {
                    finished.TrySetResult();
                }

                return WorkOutcome.Finished;
            },
            stop.Token);

        for (var i = 0; i < 1000; i++)
        {
            _queue.Add($"key-{i % 200}");
        }

        await finished.Task.WaitAsync(Kit.Cluster.Patience);
        await stop.CancelAsync();
        await run;

        Assert.Equal(200, seen.Count);
    }

    public void Dispose() => _queue.Dispose();

    /// <summary>The worker is back in line, so the alarm for the next key is set.</summary>
    private async Task ArmedAsync()
    {
        while (_clock.NextTimer is null)
        {
            await Task.Yield();
        }
    }
}
