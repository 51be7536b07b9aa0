namespace InferenceOperator.Testing;

/// <summary>
/// A clock that moves only when told. <c>Task.Delay</c>, <c>CancellationTokenSource</c>, <c>PeriodicTimer</c> and <c>CreateTimer</c> run on it.
/// </summary>
/// <remarks>
/// Timers fire on the thread that advances, in due order; those due together fire in the order they were armed. While a
/// timer's callback runs, the clock shows that timer's due time. Safe for use by several threads, but only one may advance.
/// A timestamp counts 7 × ticks on purpose, so that code which takes timestamps for ticks fails in its tests.
/// The time of day can be stepped apart from all that: <see cref="StepTimeOfDay"/>.
/// </remarks>
public sealed class SimulatedClock(DateTimeOffset start) : TimeProvider
{
    private const long TimestampsPerTick = 7;

    private readonly Lock _gate = new();
    private readonly PriorityQueue<(SimulatedTimer Timer, long Arming), (DateTimeOffset Due, long Arming)> _armed = new();
    private DateTimeOffset _now = start.ToUniversalTime();
    private TimeSpan _ahead;
    private long _armings;

    /// <summary>A clock that starts at 2030-01-01T00:00:00Z.</summary>
    public SimulatedClock()
        : this(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    public override long TimestampFrequency => TimestampsPerTick * TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>When the next armed timer is due; null when none is armed.</summary>
    public DateTimeOffset? NextTimer
    {
        get
        {
            lock (_gate)
            {
                return NextLocked() + _ahead;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now + _ahead;
        }
    }

    public override long GetTimestamp() => (Steady() - start).Ticks * TimestampsPerTick;

    /// <summary>Sets the time of day forth or back, as somebody who corrects it does: timers and timestamps go on as before.</summary>
    public void StepTimeOfDay(TimeSpan by)
    {
        lock (_gate)
        {
            _ahead += by;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new SimulatedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock on and fires every timer that becomes due, including those that fired timers arm.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The duration is negative: this clock never runs back.</exception>
    public void Advance(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        var end = Steady() + duration;
        while (FireNext(end))
        {
        }

        lock (_gate)
        {
            _now = end;
        }
    }

    /// <summary>Moves the clock to the next armed timer and fires that one timer; false when none is armed.</summary>
    public bool AdvanceToNextTimer() => FireNext(DateTimeOffset.MaxValue);

    /// <summary>The time without the steps.</summary>
    private DateTimeOffset Steady()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    private bool FireNext(DateTimeOffset end)
    {
        SimulatedTimer timer;
        lock (_gate)
        {
            if (NextLocked() is not { } due || due > end)
            {
                return false;
            }

            timer = _armed.Dequeue().Timer;
            _now = due > _now ? due : _now;
            timer.RearmLocked();
        }

        timer.Fire();
        return true;
    }

    /// <summary>Drops the armings that were changed or disposed since, then looks at the first that is left.</summary>
    private DateTimeOffset? NextLocked()
    {
        while (_armed.TryPeek(out var entry, out var priority))
        {
            if (entry.Timer.Arming == entry.Arming)
            {
                return priority.Due;
            }

            _armed.Dequeue();
        }

        return null;
    }

    private sealed class SimulatedTimer(SimulatedClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;
        private bool _disposed;

        /// <summary>The number of the arming that counts; zero when not armed. Guarded by the clock's gate.</summary>
        internal long Arming { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                if (_disposed)
                {
                    return false;
                }

                _period = period;
                ArmLocked(dueTime);
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                _disposed = true;
                Arming = 0;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal void RearmLocked() => ArmLocked(_period > TimeSpan.Zero ? _period : Timeout.InfiniteTimeSpan);

        internal void Fire() => callback(state);

        private void ArmLocked(TimeSpan dueTime)
        {
            Arming = dueTime == Timeout.InfiniteTimeSpan ? 0 : ++clock._armings;
            if (Arming != 0)
            {
                clock._armed.Enqueue((this, Arming), (clock._now + dueTime, Arming));
            }
        }
    }
}
