using System.Globalization;

namespace InferenceRuntime.Load;

/// <summary>Prints a report for a person.</summary>
internal static class LoadTable
{
    public static void Write(LoadReport report, TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Model} at {report.Url}, {report.Protocol}, {report.Rows} row(s) a request, {report.Seconds:0.0} s"));
        WriteFigures("total", report.Total, report.SloMs, output);
        for (var i = 0; i < report.Phases.Count && report.Phases.Count > 1; i++)
        {
            WriteFigures($"phase {i + 1}", report.Phases[i], report.SloMs, output);
        }
    }

    private static void WriteFigures(string title, LoadFigures figures, double? sloMs, TextWriter output)
    {
        var refused = string.Concat(figures.Refused.Select(static entry => $", {entry.Value} x {entry.Key}"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {title}: {figures.Due} due, {figures.Answered} answered ({figures.Rate:0.0}/s){refused}, {figures.Lost} lost, {figures.Wrong} wrong"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"    latency ms: mean {figures.MeanMs:0.00}, p50 {figures.P50Ms:0.00}, p90 {figures.P90Ms:0.00}, p99 {figures.P99Ms:0.00}, p99.9 {figures.P999Ms:0.00}, max {figures.MaxMs:0.00}"));
        if (sloMs is { } slo && figures.Due > 0)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"    within {slo} ms: {100.0 * figures.WithinSlo / figures.Due:0.000} %"));
        }
    }
}
