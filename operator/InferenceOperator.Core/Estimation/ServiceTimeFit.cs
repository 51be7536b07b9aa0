using System.Globalization;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Estimation;

/// <summary>
/// Learns s(b) = a + m·b from the exported sums, step by step: least squares in information form, where a step that lies off counts less (Huber);
/// a lasting change is found by a two-sided CUSUM.
/// </summary>
/// <remarks>
/// Sums are kept by size of batch, in octaves, and an octave forgets exponentially by what comes into it anew: an hour at low
/// load, when every batch is one row, does not wipe out what is known of full batches, so the information never runs down in one direction.
/// The octaves' means are the table beside the line. One owner; not thread safe.
/// </remarks>
internal sealed class ServiceTimeFit
{
    /// <summary>Octaves of the mean batch of a step: 1, 2 to 3, 4 to 7, …</summary>
    private const int Octaves = 17;

    /// <summary>Executions that an octave rests on: older ones are forgotten.</summary>
    private const double OctaveMemory = 1000;

    /// <summary>Executions that an octave counts as after a drift.</summary>
    private const double MemoryAfterDrift = 50;

    /// <summary>Executions of a size of batch from which on others are held against them.</summary>
    private const double ExecutionsToCompare = 30;

    /// <summary>So few executions may be outliers also where little was seen.</summary>
    private const double Few = 5;

    /// <summary>Ratio of two sizes of batch that are compared.</summary>
    private const double SimilarSize = 1.5;

    /// <summary>Deviations from which on a step counts less, in proportion.</summary>
    private const double HuberDeviations = 2.5;

    /// <summary>Executions that a restored fit counts as: new ones soon outweigh it.</summary>
    private const double RestoredWeightMax = 200;

    private readonly DriftAlarm _drift = new();
    private ExecutionSums[] _octaves = new ExecutionSums[Octaves];
    private ExecutionSums[]? _unsuspected;
    private ExecutionSums _suspected;
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

        var counted = executions;
        if (Known is { } known)
        {
            var comparable = IsComparable(known, executions);
            counted = comparable || (executions.Count < Few && known is not ServiceTime.OnePoint) ? Weighted(known, executions) : executions;
            if (comparable)
            {
                Suspect(known, executions);
            }
        }

        if (!Drifted)
        {
            Keep(counted);
        }

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
            Keep(new ExecutionSums(1, rows, rows * rows, seconds, rows * seconds, squared) * n);
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

        var (mean, variance) = _sums.RowMoments();
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
            Identified = Known is not ServiceTime.OnePoint,
        };
    }

    /// <summary>Batches of a size that was hardly seen before say something new, which is no change; nor does a single known point say anything of other batches.</summary>
    private bool IsComparable(ServiceTime known, ExecutionSums step)
    {
        var batch = step.Rows / step.Count;
        return known is ServiceTime.OnePoint point
            ? Math.Abs(batch - point.Batch) <= 0.1 * point.Batch
            : _octaves.Any(o => o.Count >= ExecutionsToCompare && Math.Max(batch * o.Count, o.Rows) <= SimilarSize * Math.Min(batch * o.Count, o.Rows));
    }

    /// <summary>A step that lies off counts less, and its distance less again in the noise (Huber's second proposal); what varies within it stays.</summary>
    private static ExecutionSums Weighted(ServiceTime known, ExecutionSums step)
    {
        var weight = Math.Min(1, HuberDeviations / Math.Abs(DriftAlarm.Score(known, step)));
        var off = (step.Seconds / step.Count) - known.Mean(Math.Max(1, step.Rows / step.Count));
        var counted = step * weight;
        return counted with { SecondsSquared = counted.SecondsSquared - ((1 - weight) * weight * step.Count * off * off) };
    }

    /// <summary>
    /// Steps that may be the begin of a change are set aside too. When it is one, the curve from before them is taken to have moved by the
    /// observed ratio and to count little: the shape stays known, and what came since says the rest.
    /// </summary>
    private void Suspect(ServiceTime known, ExecutionSums step)
    {
        var before = _drift.Suspects;
        var change = _drift.Change(known, step);
        if (change is null && !_drift.Suspects)
        {
            (_unsuspected, _suspected) = (null, default);
            return;
        }

        // A suspicion that goes on and on is none: it begins anew.
        if (!before || _unsuspected is null || _suspected.Count > 4 * OctaveMemory)
        {
            (_unsuspected, _suspected) = ([.. _octaves], default);
        }

        _suspected += step;
        if (change is not { } ratio)
        {
            return;
        }

        _octaves = [.. _unsuspected.Select(o => Bounded(o with { Seconds = o.Seconds * ratio, RowsSeconds = o.RowsSeconds * ratio, SecondsSquared = o.SecondsSquared * ratio * ratio }, MemoryAfterDrift))];
        Keep(_suspected);
        Drifted = true;
        (_unsuspected, _suspected) = (null, default);
    }

    private void Keep(ExecutionSums executions)
    {
        var octave = Octave(executions);
        _octaves[octave] = Bounded(_octaves[octave] + executions, OctaveMemory);
    }

    private static int Octave(ExecutionSums executions) => Math.Clamp((int)Math.Log2(Math.Max(1, executions.Rows / executions.Count)), 0, Octaves - 1);

    private static ExecutionSums Bounded(ExecutionSums sums, double memory) => sums.Count > memory ? sums * (memory / sums.Count) : sums;

    private void Solve()
    {
        _sums = _octaves.Aggregate((sum, octave) => sum + octave);
        Known = ServiceTimeSolution.Of(_octaves, _sums);
    }
}
