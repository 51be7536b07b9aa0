namespace InferenceRuntime.Models;

/// <summary>Has announced versions serve when their time has come.</summary>
/// <param name="announced">Gives the models with announced versions, and the times.</param>
/// <param name="serve">Has a model's version that is due serve; it is announced no more then, whatever came of it.</param>
/// <param name="clock">Time.</param>
internal sealed class AnnouncedCalendar(
    Func<IEnumerable<(string Model, DateTimeOffset Time)>> announced, Func<string, CancellationToken, Task> serve, TimeProvider clock)
{
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Tells that what is announced has changed.</summary>
    public void Change() => Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    /// <summary>Runs until it is cancelled.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var changed = Volatile.Read(ref _changed).Task;
                var (now, times) = (clock.GetUtcNow(), announced().ToList());
                var due = times.Where(entry => entry.Time <= now).ToList();
                if (due.Count > 0)
                {
                    await Task.WhenAll(due.Select(entry => serve(entry.Model, cancellationToken))).ConfigureAwait(false);
                    continue;
                }

                var next = times.Select(static entry => entry.Time).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
                var wait = next == DateTimeOffset.MaxValue ? Timeout.InfiniteTimeSpan : WallClock.Rounded(next - now);
                await changed.WaitAsync(wait, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The repository closes.
        }
    }
}
