namespace InferenceOperator.Core.Queueing;

/// <summary>Service times of a batch server in units of rows that arrive together.</summary>
/// <remarks>
/// A request's rows arrive together, and batches beyond <see cref="UnitsMax"/> are counted in coarser units, so that the
/// chain stays small: the units are then burstier than the rows, and the capacity found is a little too low, never too high.
/// </remarks>
internal sealed class BatchService
{
    /// <summary>Most units in a batch.</summary>
    public const int UnitsMax = 64;

    /// <summary>Noise below which a service time is taken as fixed, and above which five points stand for it instead of three.</summary>
    private const double NoiseMin = 0.01;
    private const double NoiseLarge = 0.08;

    // Gauss-Hermite: points of a standard normal variable, and their probabilities.
    private static readonly (double At, double Weight)[] ThreePoints = [(-1.7320508075688772, 1.0 / 6), (0, 2.0 / 3), (1.7320508075688772, 1.0 / 6)];
    private static readonly (double At, double Weight)[] FivePoints =
    [
        (-2.856970013872806, 0.011257411327720689), (-1.355626179974266, 0.22207592200561264), (0, 0.5333333333333333),
        (1.355626179974266, 0.22207592200561264), (2.856970013872806, 0.011257411327720689),
    ];

    /// <summary>Quantiles of a standard normal variable at <see cref="SpreadShares"/>.</summary>
    private static readonly double[] SpreadPoints = [-2.6, -1.2815515655446004, -0.5244005127080407, 0.5244005127080407, 1.2815515655446004, 1.8807936081512509, 2.3263478740408408, 2.878161739095483, 3.4];
    private static readonly double[] SpreadShares = [0, 0.1, 0.3, 0.7, 0.9, 0.97, 0.99, 0.998, 1];

    private readonly double[] _seconds;

    /// <param name="maxBatch">Most rows in one execution, at least 1.</param>
    /// <param name="seconds">s(b) for b rows.</param>
    /// <param name="relativeNoise">Standard deviation of an execution's time over its mean, 0 to 1; taken as log-normal.</param>
    /// <param name="rowsPerRequest">At least 1.</param>
    /// <param name="dispersion">Of rows per time, 1 for Poisson: large bursts are counted by the part of a burst, where the batch holds several.</param>
    public BatchService(int maxBatch, Func<double, double> seconds, double relativeNoise, double rowsPerRequest, double dispersion)
    {
        var coarse = (int)Math.Ceiling((double)maxBatch / UnitsMax);
        var burst = (int)Math.Min(dispersion / 4, maxBatch / 16.0);
        RowsPerUnit = Math.Clamp(Math.Max(Math.Max(coarse, burst), (int)Math.Round(rowsPerRequest)), 1, maxBatch);
        Units = Math.Max(1, maxBatch / RowsPerUnit);
        _seconds = [.. Enumerable.Range(0, Units + 1).Select(k => seconds(Math.Max(1, k) * RowsPerUnit))];
        RelativeNoise = relativeNoise < NoiseMin ? 0 : Math.Min(relativeNoise, 1);
        Noise = RelativeNoise == 0 ? [(1, 1)] : Points(RelativeNoise < NoiseLarge ? ThreePoints : FivePoints, RelativeNoise);
        Spread = RelativeNoise == 0 ? [] : Knots(RelativeNoise);
    }

    public int RowsPerUnit { get; }

    /// <summary>Units in a full batch.</summary>
    public int Units { get; }

    /// <summary>Standard deviation over mean; 0 where it does not matter.</summary>
    public double RelativeNoise { get; }

    /// <summary>Factors on the service time, and their probabilities; mean 1.</summary>
    public IReadOnlyList<(double Factor, double Weight)> Noise { get; }

    /// <summary>The factor's distribution as a polygon: where its density changes, relative to 1, and by how much. Empty without noise.</summary>
    public IReadOnlyList<(double Offset, double Density)> Spread { get; }

    /// <summary>Seconds of a batch of so many units, between 1 and <see cref="Units"/>; between whole numbers interpolated.</summary>
    public double Seconds(double units)
    {
        var at = Math.Clamp(units, 1, Units);
        var below = Math.Min((int)at, Units - 1);
        return Units == 1 ? _seconds[1] : _seconds[below] + ((at - below) * (_seconds[below + 1] - _seconds[below]));
    }

    private static (double Factor, double Weight)[] Points((double At, double Weight)[] points, double noise)
    {
        var sigma = Math.Sqrt(Math.Log(1 + (noise * noise)));
        var mean = points.Sum(p => p.Weight * Math.Exp(sigma * p.At));
        return [.. points.Select(p => (Math.Exp(sigma * p.At) / mean, p.Weight))];
    }

    private static (double Offset, double Density)[] Knots(double noise)
    {
        var sigma = Math.Sqrt(Math.Log(1 + (noise * noise)));
        double[] at = [.. SpreadPoints.Select(z => Math.Exp((sigma * z) - (sigma * sigma / 2)) - 1)];
        var density = at.Skip(1).Select((x, i) => (SpreadShares[i + 1] - SpreadShares[i]) / (x - at[i])).ToArray();
        return [.. at.Select((x, i) => (x, (i < density.Length ? density[i] : 0) - (i > 0 ? density[i - 1] : 0)))];
    }
}
