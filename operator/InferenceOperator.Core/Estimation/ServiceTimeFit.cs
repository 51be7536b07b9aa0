using System.Globalization;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Estimation;

/// <summary>
/// Learns s(b) = a + m·b from the exported sums: least squares in closed form; drift is found by a two-sided CUSUM on the
/// mean of each step.
/// </summary>
/// <remarks>
/// Sums are kept by size of batch, in octaves, and an octave forgets exponentially by what comes into it anew: an hour at low
/// load, when every batch is one row, does not wipe out what is known of full batches. One owner; not thread safe.
/// </remarks>
internal sealed class ServiceTimeFit
{
    /// <summary>Octaves of the mean batch of a step: 1, 2 to 3, 4 to 7, …</summary>
    private const int Octaves = 17;

    /// <summary>Executions that an octave rests on: older ones are forgotten.</summary>
    private const double OctaveMemory = 1000;

    /// <summary>Executions that an octave counts as after a drift.</summary>
    private const double MemoryAfterDrift = 50;

    /// <summary>Fewest executions for anything to be known.</summary>
    private const double ExecutionsMin = 5;

    /// <summary>Fewest executions for a line.</summary>
    private const double ExecutionsForLine = 30;

    /// <summary>Least standard deviation of rows for a line.</summary>
    private const double DeviationMin = 0.25;

    /// <summary>Largest relative standard deviation of the estimate at the mean batch ± its deviation.</summary>
    private const double UncertaintyMax = 0.1;

    /// <summary>Executions that a restored fit counts as: new ones soon outweigh it.</summary>
    private const double RestoredWeightMax = 200;

    private readonly DriftAlarm _drift = new();
    private readonly ExecutionSums[] _octaves = new ExecutionSums[Octaves];
    private ExecutionSums _sums;

    /// <summary>Largest batch ever seen, rows; 0: none.</summary>
    public int LargestBatch { get; private set; }

    /// <summary>What is known; null: nothing yet.</summary>
    public ServiceTime? Known { get; private set; }

    /// <summary>True when the last <see cref="Add"/> found that the service time had changed.</summary>
    public bool Drifted { get; private set; }

    /// <param name="executions">Executions since the last call; none is fine.</param>
    /// <param name="largestBatch">Largest batch among recent executions, rows.</param>
    public void Add(ExecutionSums executions, int largestBatch)
    {
        Drifted = false;
        LargestBatch = Math.Max(LargestBatch, largestBatch);
        if (executions.Count < 1 || !(executions.Seconds > 0))
        {
            return;
        }

        if (Known is ServiceTime.Fitted known && _drift.Alarms(known, executions))
        {
            Drifted = true;
            Rescale(known, executions);
        }

        Keep(executions, OctaveMemory);
        Solve();
    }

    /// <summary>Takes over what an operator that ran before knew.</summary>
    public void Restore(FitStatus fit)
    {
        LargestBatch = Math.Max(LargestBatch, fit.LargestBatch);
        var parsed = double.TryParse(fit.MeanBatch, NumberStyles.Float, CultureInfo.InvariantCulture, out var mean)
            & double.TryParse(fit.BatchDeviation, NumberStyles.Float, CultureInfo.InvariantCulture, out var deviation);
        if (!parsed || !(mean >= 1) || fit.Executions < 1)
        {
            return;
        }

        // Two points at the mean batch ± its deviation have the same moments.
        var n = Math.Min(fit.Executions, RestoredWeightMax) / 2;
        foreach (var rows in new[] { Math.Max(1, mean - deviation), mean + deviation })
        {
            var seconds = fit.Fixed.Seconds + (fit.PerRow.Seconds * rows);
            var squared = (seconds * seconds) + (fit.Residual.Seconds * fit.Residual.Seconds);
            Keep(new ExecutionSums(1, rows, rows * rows, seconds, rows * seconds, squared) * n, OctaveMemory);
        }

        Solve();
    }

    /// <summary>The form in which status keeps it; null: nothing known.</summary>
    public FitStatus? ToStatus()
    {
        if (Known is null)
        {
            return null;
        }

        var (mean, variance) = RowMoments(_sums);
        var line = Known.Line;
        return new FitStatus
        {
            Fixed = Duration.FromSecondsRounded(line.Fixed),
            PerRow = Duration.FromSecondsRounded(line.PerRow),
            Residual = Duration.FromSecondsRounded(Known.RelativeNoise * _sums.Seconds / _sums.Count),
            MeanBatch = mean.ToString("0.##", CultureInfo.InvariantCulture),
            BatchDeviation = Math.Sqrt(variance).ToString("0.##", CultureInfo.InvariantCulture),
            LargestBatch = LargestBatch,
            Executions = (long)Math.Max(1, _sums.Count),
            Identified = Known is ServiceTime.Fitted,
        };
    }

    /// <summary>
    /// The whole curve is taken to have moved by the observed ratio, and the past counts little: the shape stays known, and the
    /// next steps correct it within seconds.
    /// </summary>
    private void Rescale(ServiceTime.Fitted known, ExecutionSums step)
    {
        var ratio = step.Seconds / ((known.Fixed * step.Count) + (known.PerRow * step.Rows));
        for (var i = 0; i < Octaves; i++)
        {
            var moved = _octaves[i] with
            {
                Seconds = _octaves[i].Seconds * ratio,
                RowsSeconds = _octaves[i].RowsSeconds * ratio,
                SecondsSquared = _octaves[i].SecondsSquared * ratio * ratio,
            };
            _octaves[i] = Bounded(moved, MemoryAfterDrift);
        }
    }

    private void Keep(ExecutionSums executions, double memory)
    {
        var octave = Math.Clamp((int)Math.Log2(Math.Max(1, executions.Rows / executions.Count)), 0, Octaves - 1);
        _octaves[octave] = Bounded(_octaves[octave] + executions, memory);
    }

    private static ExecutionSums Bounded(ExecutionSums sums, double memory) => sums.Count > memory ? sums * (memory / sums.Count) : sums;

    private void Solve()
    {
        _sums = _octaves.Aggregate((sum, octave) => sum + octave);
        Known = Solve(_sums);
    }

    private static ServiceTime? Solve(ExecutionSums s)
    {
        if (s.Count < ExecutionsMin)
        {
            return null;
        }

        var (meanRows, variance) = RowMoments(s);
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

    private static (double Mean, double Variance) RowMoments(ExecutionSums s)
    {
        var mean = s.Rows / s.Count;
        return (mean, Math.Max(0, (s.RowsSquared / s.Count) - (mean * mean)));
    }
}
