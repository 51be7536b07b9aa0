namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>Ends the wait for a replica that has said nothing for too long.</summary>
/// <remarks>One owner; only the timer runs on its own thread.</remarks>
internal sealed class Silence : IAsyncDisposable
{
    private readonly TimeSpan _most;
    private readonly CancellationTokenSource _end = new();
    private readonly ITimer _timer;

    /// <param name="most">Longest silence, above zero.</param>
    /// <param name="time">The clock.</param>
    public Silence(TimeSpan most, TimeProvider time)
    {
        _most = most;
        _timer = time.CreateTimer(static end => ((CancellationTokenSource)end!).Cancel(), _end, most, Timeout.InfiniteTimeSpan); // It is given the source.
    }

    /// <summary>Cancelled when it has lasted too long.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>True when it has.</summary>
    public bool HasEnded => _end.IsCancellationRequested;

    /// <summary>Something came: it begins anew.</summary>
    public void Break() => _timer.Change(_most, Timeout.InfiniteTimeSpan);

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false); // No callback runs any more.
        _end.Dispose();
    }
}
