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

    private readonly double[] _seconds;

    /// <param name="maxBatch">Most rows in one execution, at least 1.</param>
    /// <param name="seconds">s(b) for b rows.</param>
    /// <param name="relativeNoise">Standard deviation of an execution's time over its mean, 0 to 1.</param>
    /// <param name="rowsPerRequest">At least 1.</param>
    /// <param name="dispersion">Of rows per time, 1 for Poisson: bursts are taken as units too, where the batch holds several.</param>
    public BatchService(int maxBatch, Func<double, double> seconds, double relativeNoise, double rowsPerRequest, double dispersion)
    {
        var coarse = Math.Max(1, (int)Math.Ceiling((double)maxBatch / UnitsMax));
        var burst = (int)Math.Min(dispersion / 2, maxBatch / 8.0);
        RowsPerUnit = Math.Clamp(Math.Max(Math.Max(coarse, burst), (int)Math.Round(rowsPerRequest)), 1, maxBatch);
        Units = Math.Max(1, maxBatch / RowsPerUnit);
        _seconds = [.. Enumerable.Range(0, Units + 1).Select(k => seconds(Math.Max(1, k) * RowsPerUnit))];

        // Three points with the mean and variance of the noise (Gauss-Hermite).
        var spread = Math.Min(Math.Sqrt(3) * relativeNoise, 0.95);
        Noise = relativeNoise < 0.01 ? [(1, 1)] : [(1 - spread, 1.0 / 6), (1, 2.0 / 3), (1 + spread, 1.0 / 6)];
    }

    public int RowsPerUnit { get; }

    /// <summary>Units in a full batch.</summary>
    public int Units { get; }

    /// <summary>Factors on the service time, and their probabilities.</summary>
    public IReadOnlyList<(double Factor, double Weight)> Noise { get; }

    /// <summary>Seconds of a batch of so many units, between 1 and <see cref="Units"/>; between whole numbers interpolated.</summary>
    public double Seconds(double units)
    {
        var at = Math.Clamp(units, 1, Units);
        var below = Math.Min((int)at, Units - 1);
        return Units == 1 ? _seconds[1] : _seconds[below] + ((at - below) * (_seconds[below + 1] - _seconds[below]));
    }
}
