using System.Collections.Immutable;
using System.Globalization;
using InferenceOperator.Core.Simulation.Arrivals;

namespace InferenceOperator.Simulate;

/// <summary>Reads traces in two formats, told apart by their header; columns beyond those named here are passed over.</summary>
/// <remarks>
/// <c>window_start_s,rate_per_s,cv</c>: windows of equal length, rates in requests per second; the CV is taken as at least 0.1 and at most 5.
/// <c>TIMESTAMP,…</c>: one arrival a line, UTC, ascending.
/// </remarks>
internal static class TraceFile
{
    /// <summary>Most lines of a trace.</summary>
    public const int LinesMax = 20_000_000;

    private const double VariationMin = 0.1;
    private const double VariationMax = 5;

    /// <param name="path">The file.</param>
    /// <param name="timeScale">Times are divided by it.</param>
    /// <param name="rateScale">Rates are multiplied by it; recorded arrivals take only 1.</param>
    /// <param name="variation">Instead of the trace's CVs; null: those.</param>
    /// <exception cref="FormatException">It is no such trace; the message names file and line.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Workload Read(string path, double timeScale, double rateScale, double? variation)
    {
        using var lines = File.ReadLines(path).Take(LinesMax).GetEnumerator();
        var header = lines.MoveNext() ? lines.Current.Split(',') : [];
        return header is ["window_start_s", "rate_per_s", "cv", ..] ? new Workload.Drawn(Windows(path, lines, timeScale, rateScale, variation))
            : header is not ["TIMESTAMP", ..] ? throw new FormatException($"{path}:1: the header is neither window_start_s,rate_per_s,cv nor TIMESTAMP,…")
            : rateScale != 1 || variation is not null ? throw new FormatException($"{path} records single arrivals: --time-scale makes it faster, --rate-scale and --cv do not apply")
            : new Workload.Replayed(new Recording(Times(path, lines, timeScale)));
    }

    private static RateProfile Windows(string path, IEnumerator<string> lines, double timeScale, double rateScale, double? variation)
    {
        var rows = new List<(double Start, double Rate, double Variation)>();
        for (var line = 2; lines.MoveNext(); line++)
        {
            var cells = lines.Current.Split(',');
            if (cells.Length < 3 || !TryNumber(cells[0], out var start) || !TryNumber(cells[1], out var rate) || !TryNumber(cells[2], out var cv)
                || (rows.Count > 0 && start <= rows[^1].Start))
            {
                throw new FormatException($"{path}:{line}: '{lines.Current}' is not an ascending start in seconds, a rate and a CV, all at least 0");
            }

            rows.Add((start, rate * rateScale * timeScale, variation ?? Math.Clamp(cv, VariationMin, VariationMax)));
        }

        if (rows.Count < 2)
        {
            throw new FormatException($"{path}: at least two windows are needed");
        }

        var length = rows[1].Start - rows[0].Start;
        return new([.. rows.Select((r, i) =>
            new RateSegment((i + 1 < rows.Count ? rows[i + 1].Start - r.Start : length) / timeScale, r.Rate, r.Rate, r.Variation))]);
    }

    private static ImmutableArray<double> Times(string path, IEnumerator<string> lines, double timeScale)
    {
        var times = ImmutableArray.CreateBuilder<double>();
        DateTime? first = null;
        for (var line = 2; lines.MoveNext(); line++)
        {
            var comma = lines.Current.IndexOf(',', StringComparison.Ordinal);
            var text = comma < 0 ? lines.Current : lines.Current[..comma];
            if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) || at < first)
            {
                throw new FormatException($"{path}:{line}: '{text}' is not a UTC time such as 2023-11-16 18:15:46.6805900, none before the first");
            }

            first ??= at;
            var seconds = (at - first.Value).TotalSeconds / timeScale;
            if (times.Count > 0 && seconds < times[^1])
            {
                throw new FormatException($"{path}:{line}: '{text}' is before the line above");
            }

            times.Add(seconds);
        }

        return times.Count >= 2 ? times.ToImmutable() : throw new FormatException($"{path}: at least two arrivals are needed");
    }

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && number >= 0 && double.IsFinite(number);
}
