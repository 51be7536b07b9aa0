using System.Globalization;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>Whether figures of a status are others than those written before, by more than they vary while nothing changes. Pure.</summary>
/// <remarks>They are compared with what was written, not with the last ones: however slowly they drift, what is shown is never wrong by more than this.</remarks>
internal static class StatusFigures
{
    /// <summary>Relative difference of a rate or of a service time that counts.</summary>
    private const double Distinct = 0.1;

    /// <summary>The same of a median, and of a 99th percentile, which rests on few requests.</summary>
    private const double DistinctMedian = 0.2;
    private const double DistinctTail = 0.4;

    /// <summary>Percent of the requests, and part of those that missed the SLO: less is the draw of the last minute.</summary>
    private const decimal DistinctAttainment = 0.1m;
    private const decimal DistinctMisses = 0.2m;

    /// <summary>The window that rates are of, seconds: as many requests as come in it vary by their root.</summary>
    private const double WindowSeconds = 60;
    private const double Deviations = 3;

    /// <summary>Executions beyond this make a fit no more certain.</summary>
    private const long ExecutionsCounted = 10_000;

    public static bool Differ(ObservedStatus? written, ObservedStatus? next) => (written, next) switch
    {
        (null, null) => false,
        ({ } a, { } b) => DifferInRate(a.Rate, b.Rate) || Differ(a.P50, b.P50, DistinctMedian) || Differ(a.P99, b.P99, DistinctTail) || DifferInAttainment(a.SloAttainment, b.SloAttainment),
        _ => true,
    };

    public static bool Differ(FitStatus? written, FitStatus? next) => (written, next) switch
    {
        (null, null) => false,
        ({ } a, { } b) => a.Identified != b.Identified
            || a.LargestBatch != b.LargestBatch
            || Differ(Seconds(a, 1), Seconds(b, 1), Distinct)
            || Differ(Seconds(a, Math.Max(1, b.LargestBatch)), Seconds(b, Math.Max(1, b.LargestBatch)), Distinct)
            || Counted(b) >= 2 * Counted(a),
        _ => true,
    };

    /// <summary>A sentence without its figures, which is the same while only they move.</summary>
    public static string Worded(string message) => string.Concat(message.Where(static c => !char.IsAsciiDigit(c) && c is not '.'));

    private static double Seconds(FitStatus fit, int rows) => fit.Fixed.Seconds + (rows * fit.PerRow.Seconds);

    private static long Counted(FitStatus fit) => Math.Clamp(fit.Executions, 1, ExecutionsCounted);

    private static bool DifferInRate(string written, string next) => Number(written) is { } a && Number(next) is { } b
        ? Math.Abs(a - b) > (Distinct * Math.Max(a, b)) + (Deviations * Math.Sqrt((a + b) / WindowSeconds))
            || a is 0 != b is 0
        : written != next;

    private static bool DifferInAttainment(string? written, string? next) =>
        decimal.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var a) && decimal.TryParse(next, NumberStyles.Float, CultureInfo.InvariantCulture, out var b)
            ? Math.Abs(a - b) >= Math.Max(DistinctAttainment, DistinctMisses * (100 - Math.Min(a, b)))
            : written != next;

    private static bool Differ(Duration? written, Duration? next, double distinct) =>
        written is { } a && next is { } b ? Differ(a.Seconds, b.Seconds, distinct) : written != next;

    private static bool Differ(double a, double b, double distinct) => Math.Abs(a - b) > distinct * Math.Max(a, b);

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
