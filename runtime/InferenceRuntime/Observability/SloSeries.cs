namespace InferenceRuntime.Observability;

/// <summary>Exact attainment of one SLO. Thread safe.</summary>
/// <param name="seconds">The SLO's threshold.</param>
internal sealed class SloSeries(double seconds)
{
    private long _requests;
    private long _met;

    public double Seconds { get; } = seconds;

    /// <summary>Counts a request that the SLO counts.</summary>
    public void Count(RequestOutcome outcome, TimeSpan latency)
    {
        if (outcome is RequestOutcome.Invalid or RequestOutcome.Cancelled or RequestOutcome.Draining)
        {
            return;
        }

        Interlocked.Increment(ref _requests);
        if (outcome == RequestOutcome.Answered && latency.TotalSeconds <= Seconds)
        {
            Interlocked.Increment(ref _met);
        }
    }

    public SloCount Read()
    {
        // Met first: what is counted in between can only make the requests more.
        var met = Interlocked.Read(ref _met);
        return new SloCount(Seconds, Interlocked.Read(ref _requests), met);
    }
}
