namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>How long a call may take: until its client goes away or its deadline has come.</summary>
/// <remarks>Thread safe but for <see cref="Dispose"/>.</remarks>
internal sealed class CallSpan : IDisposable
{
    // The longest that a timer takes is about 49 days.
    private static readonly TimeSpan TimerMax = TimeSpan.FromDays(40);

    private readonly TimeProvider _time;
    private readonly TimeSpan? _timeout;
    private readonly long _began;
    private readonly CancellationToken _aborted;
    private readonly CancellationTokenSource? _deadline;
    private readonly CancellationTokenSource? _either;

    /// <param name="timeout">What the client gives the call from now on; null: any time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="aborted">Cancelled when it goes away.</param>
    public CallSpan(TimeSpan? timeout, TimeProvider time, CancellationToken aborted)
    {
        (_timeout, _aborted, _time, _began) = (timeout, aborted, time, time.GetTimestamp());
        if (timeout is { } most)
        {
            _deadline = new CancellationTokenSource(most < TimerMax ? most : TimerMax, time);
            _either = CancellationTokenSource.CreateLinkedTokenSource(aborted, _deadline.Token);
        }
    }

    /// <summary>Cancelled at the end of either kind.</summary>
    public CancellationToken Token => _either?.Token ?? _aborted;

    /// <summary>True when the client has gone away.</summary>
    public bool IsAborted => _aborted.IsCancellationRequested;

    /// <summary>What is left, not above zero when nothing is; null: any time.</summary>
    public TimeSpan? Left => _timeout - _time.GetElapsedTime(_began);

    /// <summary>True when the deadline has come.</summary>
    public bool IsExpired => Left <= TimeSpan.Zero || _deadline is { IsCancellationRequested: true };

    public void Dispose()
    {
        _either?.Dispose();
        _deadline?.Dispose();
    }
}
