namespace InferenceOperator.Core.Simulation.Measuring;

/// <summary>How many requests had which latency; refused ones count as infinitely slow. One owner.</summary>
public sealed class LatencyHistogram
{
    private readonly long[] _counts = new long[LatencyBuckets.Count];

    /// <summary>Requests that were answered.</summary>
    public long Answered { get; private set; }

    /// <summary>Requests that never were.</summary>
    public long Refused { get; private set; }

    public void Add(double seconds)
    {
        _counts[LatencyBuckets.IndexOf(seconds)]++;
        Answered++;
    }

    public void Refuse(long requests = 1) => Refused += requests;

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Answered += other.Answered;
        Refused += other.Refused;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Answered = 0;
        Refused = 0;
    }

    /// <summary>Latency at a share of all requests, within 0.8 %; infinite when it falls among the refused; null without a request.</summary>
    /// <param name="share">In (0, 1).</param>
    public double? Quantile(double share)
    {
        var all = Answered + Refused;
        if (all == 0)
        {
            return null;
        }

        var rank = (long)Math.Ceiling(share * all);
        if (rank > Answered)
        {
            return double.PositiveInfinity;
        }

        var index = -1;
        for (long below = 0; below < rank;)
        {
            below += _counts[++index];
        }

        return (LatencyBuckets.Lower(index) + LatencyBuckets.Lower(index + 1)) / 2;
    }
}
