namespace InferenceOperator.Core.Rollout;

/// <summary>What the replicas of one side did in one block of time.</summary>
/// <param name="Requests">Requests that were answered, refused or failed.</param>
/// <param name="Failed">Those of them that were refused or failed.</param>
/// <param name="Judged">Requests that were counted against the SLO.</param>
/// <param name="Missed">Those of them that were not answered within it.</param>
public readonly record struct SideCounts(double Requests, double Failed, double Judged, double Missed)
{
    /// <summary>Rows of the other side's requests that it answered as well.</summary>
    public double Compared { get; init; }

    /// <summary>Those of them on which the two did not agree.</summary>
    public double Differed { get; init; }

    public static SideCounts operator +(SideCounts a, SideCounts b) => new(a.Requests + b.Requests, a.Failed + b.Failed, a.Judged + b.Judged, a.Missed + b.Missed)
    {
        Compared = a.Compared + b.Compared,
        Differed = a.Differed + b.Differed,
    };
}
