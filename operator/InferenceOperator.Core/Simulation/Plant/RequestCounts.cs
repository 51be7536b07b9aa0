namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>What became of the requests of a plant since its start.</summary>
/// <param name="Arrived">All.</param>
/// <param name="Answered">Those that were answered.</param>
/// <param name="Met">Those answered within the target.</param>
/// <param name="Refused">Turned away by a full queue, or because no replica was ready.</param>
/// <param name="Expired">Dropped after the timeout.</param>
/// <param name="Lost">Held by a replica that crashed.</param>
/// <param name="Burst">Answered by the faster variant.</param>
public readonly record struct RequestCounts(long Arrived, long Answered, long Met, long Refused, long Expired, long Lost, long Burst)
{
    /// <summary>Requests of which the fate is known.</summary>
    public long Settled => Answered + Refused + Expired + Lost;

    /// <summary>Share of settled requests that were answered in time; 1 without any.</summary>
    public double Attainment => Settled > 0 ? (double)Met / Settled : 1;

    public static RequestCounts operator -(RequestCounts l, RequestCounts r) => new(
        l.Arrived - r.Arrived, l.Answered - r.Answered, l.Met - r.Met, l.Refused - r.Refused, l.Expired - r.Expired, l.Lost - r.Lost, l.Burst - r.Burst);

    public static RequestCounts operator +(RequestCounts l, RequestCounts r) => new(
        l.Arrived + r.Arrived, l.Answered + r.Answered, l.Met + r.Met, l.Refused + r.Refused, l.Expired + r.Expired, l.Lost + r.Lost, l.Burst + r.Burst);
}
