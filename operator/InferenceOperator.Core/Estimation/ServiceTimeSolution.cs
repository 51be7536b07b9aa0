using System.Collections.Immutable;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Estimation;

/// <summary>s(b) from sums by size of batch: the least-squares line, one point where sizes are too alike, a table where a line misfits. Pure.</summary>
internal static class ServiceTimeSolution
{
    /// <summary>Fewest executions for anything to be known, for a line, and for a point of the table.</summary>
    private const double ExecutionsMin = 5;
    private const double ExecutionsForLine = 30;
    private const double ExecutionsForPoint = 30;

    /// <summary>Least standard deviation of rows for a line.</summary>
    private const double DeviationMin = 0.25;

    /// <summary>Largest relative standard deviation of the estimate at the mean batch ± its deviation.</summary>
    private const double UncertaintyMax = 0.1;

    /// <summary>A line misfits where a point lies off by more than this share of it and by so many deviations of the point's mean.</summary>
    private const double MisfitShare = 0.05;
    private const double MisfitDeviations = 3;

    /// <summary>What the sums say; null: nothing yet.</summary>
    /// <param name="bins">Sums of executions of similar batches, in ascending order of size; empty ones are fine.</param>
    /// <param name="all">Their total.</param>
    public static ServiceTime? Of(IReadOnlyList<ExecutionSums> bins, ExecutionSums all)
    {
        if (all.Count < ExecutionsMin)
        {
            return null;
        }

        var known = OfLine(all);
        return known is ServiceTime.Fitted line ? (ServiceTime?)Tabled(bins, line) ?? line : known;
    }

    private static ServiceTime OfLine(ExecutionSums s)
    {
        var (meanRows, variance) = s.RowMoments();
        var meanSeconds = s.Seconds / s.Count;
        var slope = variance > 1e-9 ? ((s.RowsSeconds / s.Count) - (meanRows * meanSeconds)) / variance : 0;
        var a = meanSeconds - (slope * meanRows);
        if (slope < 0)
        {
            (a, slope) = (meanSeconds, 0);
        }
        else if (a < 0)
        {
            (a, slope) = (0, s.RowsSeconds / s.RowsSquared);
        }

        var residual = Math.Max(0,
            (s.SecondsSquared - (2 * a * s.Seconds) - (2 * slope * s.RowsSeconds) + (2 * a * slope * s.Rows) + (a * a * s.Count) + (slope * slope * s.RowsSquared)) / s.Count);
        var noise = Math.Clamp(Math.Sqrt(residual) / meanSeconds, 0, 1);
        var meanVariance = residual / s.Count;
        var slopeVariance = variance > 1e-9 ? residual / (s.Count * variance) : double.PositiveInfinity;
        var isLine = s.Count >= ExecutionsForLine
            && variance >= DeviationMin * DeviationMin
            && Math.Sqrt(meanVariance + (slopeVariance * variance)) <= UncertaintyMax * meanSeconds;
        return isLine
            ? new ServiceTime.Fitted(a, slope, meanVariance, slopeVariance) { RelativeNoise = noise, MeanBatch = meanRows }
            : new ServiceTime.OnePoint(Math.Max(1, meanRows), meanSeconds, meanVariance) { RelativeNoise = noise, MeanBatch = meanRows };
    }

    private static ServiceTime.Table? Tabled(IReadOnlyList<ExecutionSums> bins, ServiceTime.Fitted line)
    {
        var known = bins.Where(b => b.Count >= ExecutionsForPoint).ToList();
        if (known.Count < 2 || !known.Any(b => Misfits(b, line)))
        {
            return null;
        }

        // The noise is what is left within the bins: the line's misfit is none.
        var noise = Math.Sqrt(known.Sum(InnerSquares) / known.Sum(b => b.Count)) / (known.Sum(b => b.Seconds) / known.Sum(b => b.Count));
        return new ServiceTime.Table(Ascending(known), line) { RelativeNoise = Math.Min(noise, line.RelativeNoise), MeanBatch = line.MeanBatch };
    }

    private static bool Misfits(ExecutionSums bin, ServiceTime.Fitted line)
    {
        var mean = bin.Seconds / bin.Count;
        var off = Math.Abs(mean - line.Mean(bin.Rows / bin.Count));
        return off > MisfitShare * mean && off > MisfitDeviations * Math.Sqrt(InnerSquares(bin)) / bin.Count;
    }

    /// <summary>Squares left when a bin's own line is taken out.</summary>
    private static double InnerSquares(ExecutionSums bin)
    {
        var (mean, variance) = bin.RowMoments();
        var total = bin.SecondsSquared - (bin.Seconds * bin.Seconds / bin.Count);
        var joint = bin.RowsSeconds - (mean * bin.Seconds);
        return Math.Max(0, variance > 1e-9 && joint > 0 ? total - (joint * joint / (bin.Count * variance)) : total);
    }

    /// <summary>Isotonic regression: neighbours that descend are pooled (pool adjacent violators), so that more rows never take less time.</summary>
    private static ImmutableArray<(double Rows, double Seconds)> Ascending(List<ExecutionSums> bins)
    {
        var pools = new List<(ExecutionSums Sums, int Bins)>();
        foreach (var bin in bins)
        {
            pools.Add((bin, 1));
            while (pools.Count > 1 && pools[^1].Sums.MeanSeconds < pools[^2].Sums.MeanSeconds)
            {
                pools[^2] = (pools[^2].Sums + pools[^1].Sums, pools[^2].Bins + pools[^1].Bins);
                pools.RemoveAt(pools.Count - 1);
            }
        }

        return [.. pools.SelectMany(p => Enumerable.Repeat(p.Sums.MeanSeconds, p.Bins)).Zip(bins, (seconds, bin) => (bin.Rows / bin.Count, seconds))];
    }
}
