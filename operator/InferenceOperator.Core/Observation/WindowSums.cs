namespace InferenceOperator.Core.Observation;

/// <summary>Sums of all replicas over one window.</summary>
internal sealed class WindowSums
{
    public required double Seconds { get; init; }

    public double Answered { get; private set; }

    public ArrivalSums Arrivals { get; private set; }

    public PhaseSums Phases { get; private set; }

    public HistogramCounts Latency { get; private set; } = HistogramCounts.Empty;

    private double SloRequests { get; set; }

    private double SloMet { get; set; }

    /// <summary>Adds the part of a replica's steps that lies in the window; a step across the window's edge counts by its share of time.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="begin">Begin of the window.</param>
    /// <param name="end">End of the window.</param>
    /// <param name="isLive">True: the replica goes on, so the time after its newest sample is filled in at its own rate.</param>
    public void Add(ReplicaHistory replica, DateTimeOffset begin, DateTimeOffset end, bool isLive)
    {
        var covered = 0.0;
        var parts = new List<(CounterStep Step, double Share)>();
        foreach (var step in replica.Steps)
        {
            var seconds = ((step.To < end ? step.To : end) - (step.From > begin ? step.From : begin)).TotalSeconds;
            if (seconds > 0)
            {
                covered += seconds;
                parts.Add((step, seconds / step.Seconds));
            }
        }

        if (covered <= 0)
        {
            return;
        }

        var bornAt = replica.Newest.Counters.ProcessStartedAt;
        var alive = (isLive ? end : replica.NewestAt) - (bornAt > begin ? bornAt : begin);
        var fill = Math.Clamp(alive.TotalSeconds / covered, 1, 4);
        foreach (var (step, share) in parts)
        {
            AddPart(step, share * fill);
        }
    }

    public WindowRates Rates() => new(
        Seconds, Arrivals.Requests / Seconds, Arrivals.Rows / Seconds, Answered / Seconds, SloRequests, Math.Min(SloMet, SloRequests));

    private void AddPart(CounterStep step, double share)
    {
        Answered += step.Answered * share;
        SloRequests += step.SloRequests * share;
        SloMet += step.SloMet * share;
        Arrivals += step.Arrivals * share;
        Phases += step.Phases * share;
        if (Latency.UpperBounds.IsEmpty || step.Latency.UpperBounds.IsEmpty || Latency.UpperBounds.SequenceEqual(step.Latency.UpperBounds))
        {
            Latency = Latency.Plus(step.Latency, share);
        }
    }
}
