namespace InferenceOperator.Kubernetes.Leases;

/// <summary>The work under one hold of one Lease: told to end by its own timer when the hold is not renewed in time.</summary>
internal sealed class LeaseTerm : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _timer;
    private long _until;

    /// <param name="work">Works until cancelled; ends soon after.</param>
    /// <param name="now">The moment, on the contender's clock.</param>
    /// <param name="left">How long the hold is still good, above zero.</param>
    /// <param name="time">The clock.</param>
    public LeaseTerm(Func<CancellationToken, Task> work, TimeSpan now, TimeSpan left, TimeProvider time)
    {
        _until = (now + left).Ticks;
        _timer = time.CreateTimer(_ => End(), state: null, left, Timeout.InfiniteTimeSpan);
        var token = _stop.Token;
        Work = Task.Run(() => work(token), CancellationToken.None);
    }

    /// <summary>The work; completes when it has ended.</summary>
    public Task Work { get; }

    /// <summary>Whether the work was told to end.</summary>
    public bool IsEnding => _stop.IsCancellationRequested;

    /// <summary>Whether requests of the work may still be sent: it has ended, or the hold is good. Any thread.</summary>
    public bool MaySend(TimeSpan now) => Work.IsCompleted || now.Ticks < Interlocked.Read(ref _until);

    /// <summary>The hold was renewed while it was good; work that was told to end has the time to do so.</summary>
    public void Extend(TimeSpan now, TimeSpan left)
    {
        if (left > TimeSpan.Zero)
        {
            Interlocked.Exchange(ref _until, (now + left).Ticks);
            _timer.Change(left, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Tells the work to end.</summary>
    public void End() => _stop.Cancel();

    /// <summary>To be called when the work has ended.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        _stop.Dispose();
    }
}
