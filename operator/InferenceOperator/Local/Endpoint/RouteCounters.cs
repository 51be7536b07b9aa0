namespace InferenceOperator.Local.Endpoint;

/// <summary>What became of one agent's requests at the endpoint, since start. Thread safe.</summary>
internal sealed class RouteCounters
{
    private static readonly int Results = Enum.GetValues<ForwardResult>().Length;

    private readonly long[] _byResult = new long[Results];
    private long _triedAgain;

    /// <summary>Requests that were sent to a second replica.</summary>
    public long TriedAgain => Volatile.Read(ref _triedAgain);

    /// <summary>Requests that ended so.</summary>
    public long Count(ForwardResult result) => Volatile.Read(ref _byResult[(int)result]);

    public void Add(ForwardResult result) => Interlocked.Increment(ref _byResult[(int)result]);

    public void AddTriedAgain() => Interlocked.Increment(ref _triedAgain);
}
