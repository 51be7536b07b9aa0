namespace InferenceRuntime.Execution;

/// <summary>Calls back at the earliest of the timestamps it was armed for. A call may come when nothing is due any more.</summary>
internal sealed class WakeTimer : IAsyncDisposable
{
    private readonly TimeProvider _clock;
    private readonly Action _wake;
    private readonly ITimer _timer;
    private long _armedFor = long.MaxValue; // Guarded by the owner's lock.

    /// <param name="clock">The clock of the timestamps.</param>
    /// <param name="wake">Called on the timer's thread, without a lock.</param>
    public WakeTimer(TimeProvider clock, Action wake)
    {
        _clock = clock;
        _wake = wake;
        _timer = clock.CreateTimer(
            static state => ((WakeTimer)state!)._wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan); // Given two arguments before.
    }

    /// <summary>Has the timer fire at <paramref name="at"/> or before. The caller holds its lock.</summary>
    /// <param name="at">A timestamp; <see cref="long.MaxValue"/> asks for nothing.</param>
    /// <param name="now">The present one.</param>
    public void ArmLocked(long at, long now)
    {
        if (at >= _armedFor)
        {
            return;
        }

        // Timers count whole milliseconds: round up, or the thread would wake early and ask again.
        var wait = at <= now ? TimeSpan.Zero : _clock.GetElapsedTime(now, at);
        _armedFor = at;
        _timer.Change(TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(wait.TotalMilliseconds), int.MaxValue)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Notes that the timer has fired; what is still to come has to be armed again. The caller holds its lock.</summary>
    public void FiredLocked() => _armedFor = long.MaxValue;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();
}
