namespace InferenceOperator.Testing.Simulated;

/// <summary>A simulated clock that moves on only when nothing is at work, one timer after the other.</summary>
/// <remarks>
/// Everything runs on the one worker of a thread pool that has no other (<see cref="SimulationProcess"/>): while this runs, nothing else
/// does, and what is still to be done stands in the pool's queues. So time never moves on while work is under way, however loaded the
/// machine is, and one seed gives one course of events.
/// </remarks>
public sealed class Timeline
{
    /// <summary>For how long work that was told to end may go on.</summary>
    private static readonly TimeSpan EndWithin = TimeSpan.FromMinutes(5);

    /// <exception cref="InvalidOperationException">The thread pool has more than one worker.</exception>
    public Timeline()
    {
        ThreadPool.GetMaxThreads(out var workers, out _);
        if (workers != 1)
        {
            throw new InvalidOperationException($"the thread pool has {workers} workers: simulations run in a process that has one");
        }
    }

    public SimulatedClock Clock { get; } = new();

    /// <summary>Time since the beginning.</summary>
    public TimeSpan Now => Clock.GetElapsedTime(0);

    /// <summary>Has something happen later.</summary>
    /// <param name="moment">When, from the beginning.</param>
    /// <param name="action">What.</param>
    public void At(TimeSpan moment, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        ITimer? timer = null;
        timer = Clock.CreateTimer(
            _ =>
            {
                timer!.Dispose(); // Set before it can fire: there is one thread.
                action();
            },
            null,
            moment > Now ? moment - Now : TimeSpan.Zero,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Lets time pass until something holds, which is looked at whenever nothing is at work.</summary>
    /// <returns>False: it did not hold within the time.</returns>
    public async Task<bool> RunAsync(TimeSpan within, Func<bool>? until = null)
    {
        var end = Now + within;
        while (true)
        {
            do
            {
                await Task.Yield();
            }
            while (ThreadPool.PendingWorkItemCount > 0);

            if (until?.Invoke() == true)
            {
                return true;
            }

            if (Clock.NextTimer is not { } next || next - Clock.GetUtcNow() + Now > end)
            {
                Clock.Advance(end - Now);
                return until is null;
            }

            Clock.AdvanceToNextTimer();
        }
    }

    /// <summary>Lets time pass until the work is done.</summary>
    /// <exception cref="TimeoutException">It is not within five minutes.</exception>
    public async Task FinishAsync(Task work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (!await RunAsync(EndWithin, () => work.IsCompleted))
        {
            throw new TimeoutException($"the work does not end within {EndWithin} of simulated time");
        }

        await work;
    }
}
