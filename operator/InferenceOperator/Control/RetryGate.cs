namespace InferenceOperator.Control;

/// <summary>Remembers that something keeps failing: when it may be tried again, and whether the failure is news.</summary>
/// <remarks>The wait doubles from 1 s to 60 s. Not thread safe; one owner.</remarks>
internal sealed class RetryGate
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private TimeSpan _wait = First;
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    /// <summary>The present failure, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>True when the thing may be tried now.</summary>
    public bool IsOpen(DateTimeOffset now) => now >= _next;

    /// <summary>Notes a failure.</summary>
    /// <returns>True when it is news: the first one, or for another reason than the last.</returns>
    public bool Fail(string reason, DateTimeOffset now)
    {
        _next = now + _wait;
        _wait = _wait * 2 < Longest ? _wait * 2 : Longest;
        var news = Failure != reason;
        Failure = reason;
        return news;
    }

    /// <summary>Notes a success.</summary>
    /// <returns>True when it is news: the last try failed.</returns>
    public bool Succeed()
    {
        _next = DateTimeOffset.MinValue;
        _wait = First;
        var news = Failure is not null;
        Failure = null;
        return news;
    }
}
