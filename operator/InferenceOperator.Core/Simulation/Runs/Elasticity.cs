namespace InferenceOperator.Core.Simulation.Runs;

/// <summary>How supply follows demand, after SPEC RG's elasticity metrics; demand is the fewest replicas that hold the SLO.</summary>
/// <param name="Under">Mean of what lacks, over demand.</param>
/// <param name="Over">Mean of what is too much, over demand.</param>
/// <param name="UnderTime">Share of time in which some lacks.</param>
/// <param name="OverTime">Share of time in which some is too much.</param>
/// <param name="Instability">Share of time in which supply moves otherwise than demand.</param>
public sealed record Elasticity(double Under, double Over, double UnderTime, double OverTime, double Instability)
{
    public static Elasticity Of(IReadOnlyList<SeriesPoint> series)
    {
        double under = 0, over = 0, underTime = 0, overTime = 0, unlike = 0;
        for (var i = 0; i < series.Count; i++)
        {
            var (demand, supply) = ((double)Math.Max(1, series[i].Needed), series[i].Ready);
            under += Math.Max(demand - supply, 0) / demand;
            over += Math.Max(supply - demand, 0) / demand;
            underTime += supply < demand ? 1 : 0;
            overTime += supply > demand ? 1 : 0;
            unlike += i > 0 && Math.Sign(supply - series[i - 1].Ready) != Math.Sign(series[i].Needed - series[i - 1].Needed) ? 1 : 0;
        }

        var n = Math.Max(1, series.Count);
        return new(under / n, over / n, underTime / n, overTime / n, unlike / n);
    }
}
