namespace InferenceRuntime.Execution;

/// <summary>Wakes one thread that waits on a lock at a timestamp of the clock.</summary>
internal sealed class WakeTimer : IAsyncDisposable
{
    private readonly TimeProvider _clock;
    private readonly object _gate;
    private readonly ITimer _timer;
    private long _armedFor = long.MaxValue; // Guarded by _gate.

    /// <param name="clock">The clock of the timestamps.</param>
    /// <param name="gate">The lock, a monitor, that is pulsed.</param>
    public WakeTimer(TimeProvider clock, object gate)
    {
        _clock = clock;
        _gate = gate;
        _timer = clock.CreateTimer(
            static state => ((WakeTimer)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan); // Given two arguments before.
    }

    /// <summary>Arms the timer for <paramref name="at"/> in place of what it was armed for. The caller holds the lock.</summary>
    public void ArmLocked(long at, long now)
    {
        if (at == _armedFor)
        {
            return;
        }

        // Timers count whole milliseconds: round up, or the thread would wake early and ask again.
        var wait = _clock.GetElapsedTime(now, at);
        _armedFor = at;
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void OnTimer()
    {
        lock (_gate)
        {
            _armedFor = long.MaxValue;
            Monitor.Pulse(_gate);
        }
    }
}
