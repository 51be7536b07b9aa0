using Microsoft.Extensions.Logging;

namespace InferenceOperator.Kubernetes.Queues;

/// <summary>Keys to be worked on, each at most once at a time, with delays and growing pauses after failures. Safe for several threads.</summary>
/// <remarks>
/// Level-triggered: what is queued is that a key needs a look, not why. Bounded: beyond <see cref="WorkQueueOptions.KeysMax"/>
/// a key that the queue does not know is refused, which <see cref="Add"/> answers with false.
/// </remarks>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly WorkSchedule<TKey> _schedule;
    private readonly LinkedList<TaskCompletionSource<TKey>> _waiting = new();
    private readonly SteadyClock _time;
    private readonly ITimer _alarm;
    private readonly ILogger _logger;

    public WorkQueue(WorkQueueOptions options, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.KeysMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.FirstPause, TimeSpan.Zero);
        _schedule = new WorkSchedule<TKey>(options);
        _time = new SteadyClock(time);
        _logger = logger;
        _alarm = time.CreateTimer(_ => Dispatch(static _ => true), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Keys that are waiting, ready or being worked on.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _schedule.Count;
            }
        }
    }

    /// <summary>Keys that wait for a worker.</summary>
    public int ReadyCount
    {
        get
        {
            lock (_gate)
            {
                return _schedule.ReadyCount;
            }
        }
    }

    /// <summary>Has the key worked on as soon as a worker is free; after the current work on it, if there is one.</summary>
    /// <returns>False when the queue is full: the key was not added.</returns>
    /// <param name="key">The key.</param>
    /// <param name="urgency">Whether it comes before what is to be looked at as a precaution.</param>
    public bool Add(TKey key, WorkUrgency urgency = WorkUrgency.Awaited) => Dispatch(schedule => schedule.Add(key, urgency));

    /// <summary>Has the key worked on after the delay, or earlier if it is added for earlier.</summary>
    /// <returns>False when the queue is full: the key was not added.</returns>
    public bool AddAfter(TKey key, TimeSpan delay) =>
        delay <= TimeSpan.Zero ? Add(key) : Dispatch(schedule => schedule.AddAt(key, _time.Now + delay));

    /// <summary>Works on the keys until cancelled.</summary>
    /// <param name="workers">Keys worked on at once, at least 1.</param>
    /// <param name="work">Works on one key. An exception counts as <see cref="WorkOutcome.Failed"/> and is logged.</param>
    /// <param name="cancellationToken">Ends the run once the current work has ended; <paramref name="work"/> gets it too.</param>
    public Task RunAsync(int workers, Func<TKey, CancellationToken, Task<WorkOutcome>> work, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        return Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync(work, cancellationToken)));
    }

    /// <summary>Waits for a key. The caller must call <see cref="Complete"/> for it.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before a key came.</exception>
    public async Task<TKey> TakeAsync(CancellationToken cancellationToken)
    {
        var place = new LinkedListNode<TaskCompletionSource<TKey>>(new(TaskCreationOptions.RunContinuationsAsynchronously));
        Dispatch(_ =>
        {
            _waiting.AddLast(place);
            return true;
        });
        var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<TKey>)state!).TrySetCanceled(token), place.Value); // Registered just here.
        await using (registration.ConfigureAwait(false))
        {
            return await place.Value.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Tells that the work on a key has ended, and what is to become of the key.</summary>
    public void Complete(TKey key, WorkOutcome outcome) => Dispatch(schedule =>
    {
        schedule.Done(key);
        switch (outcome)
        {
            case WorkOutcome.Completed:
                schedule.Forget(key);
                return true;
            case WorkOutcome.Repeat repeat:
                schedule.Forget(key);
                return schedule.AddAt(key, _time.Now + repeat.After);
            case WorkOutcome.Failure:
                return schedule.AddAfterFailure(key, _time.Now);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    });

    public void Dispose() => _alarm.Dispose();

    private async Task WorkAsync(Func<TKey, CancellationToken, Task<WorkOutcome>> work, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TKey key;
            try
            {
                key = await TakeAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var outcome = WorkOutcome.Failed;
            try
            {
                outcome = await work(key, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Told to end: the key stays as it is for whoever starts next.
            }
#pragma warning disable CA1031 // The edge of the loop: one key's failure, of whatever sort, must not end the work on the others.
            catch (Exception error)
            {
                _logger.WorkFailed(error, key);
            }
#pragma warning restore CA1031
            finally
            {
                Complete(key, outcome);
            }
        }
    }

    /// <summary>Makes a change, hands ready keys to those who wait, and sets the alarm for the next that becomes due.</summary>
    private bool Dispatch(Func<WorkSchedule<TKey>, bool> change)
    {
        lock (_gate)
        {
            var accepted = change(_schedule);
            var now = _time.Now;
            while (_waiting.First is { } first)
            {
                if (first.Value.Task.IsCompleted)
                {
                    _waiting.RemoveFirst(); // Gave up.
                    continue;
                }

                if (!_schedule.TryTake(now, out var key))
                {
                    break;
                }

                _waiting.RemoveFirst();
                if (!first.Value.TrySetResult(key!)) // Taken, so there is one.
                {
                    // Gave up at this very moment: the key goes back, to be taken by the next.
                    _schedule.Add(key!);
                    _schedule.Done(key!);
                }
            }

            var next = _waiting.Count > 0 ? _schedule.NextDue : null;
            var pause = next is { } due ? due > now ? due - now : TimeSpan.Zero : Timeout.InfiniteTimeSpan;
            _alarm.Change(pause > TimerMax ? TimerMax : pause, Timeout.InfiniteTimeSpan);
            return accepted;
        }
    }

    /// <summary>Timers do not take more than 49 days; waking early does no harm.</summary>
    private static TimeSpan TimerMax => TimeSpan.FromDays(1);
}
