namespace InferenceOperator.Control;

/// <summary>Remembers that something keeps failing: when it may be tried again, since when it fails, and whether the failure is news.</summary>
/// <remarks>The wait doubles from 1 s to 60 s, on the monotonic clock. Not thread safe; one owner.</remarks>
/// <param name="time">The clock.</param>
internal sealed class RetryGate(TimeProvider time)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private TimeSpan _wait = First;
    private (long Since, TimeSpan Wait)? _closed;
    private long _failingSince;

    /// <summary>The present failure, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>True when the thing may be tried now.</summary>
    public bool IsOpen => _closed is not { } closed || time.GetElapsedTime(closed.Since) >= closed.Wait;

    /// <summary>How long nothing has succeeded since the first failure; zero: the last try succeeded.</summary>
    public TimeSpan FailingFor => Failure is null ? TimeSpan.Zero : time.GetElapsedTime(_failingSince);

    /// <summary>Notes a failure.</summary>
    /// <returns>True when it is news: the first one, or for another reason than the last.</returns>
    public bool Fail(string reason)
    {
        var now = time.GetTimestamp();
        _closed = (now, _wait);
        _wait = _wait * 2 < Longest ? _wait * 2 : Longest;
        _failingSince = Failure is null ? now : _failingSince;
        var news = Failure != reason;
        Failure = reason;
        return news;
    }

    /// <summary>Notes a success.</summary>
    /// <returns>True when it is news: the last try failed.</returns>
    public bool Succeed()
    {
        _closed = null;
        _wait = First;
        var news = Failure is not null;
        Failure = null;
        return news;
    }
}
