using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using InferenceOperator.Core.Simulation.Runs;

namespace InferenceOperator.Simulate.Report;

/// <summary>The report: one HTML file that needs nothing beside it, no script, no font, no network.</summary>
internal sealed class HtmlReport(SimulateOptions options, ReplicaCapacity capacity, ImmutableArray<RunResult> results)
{
    /// <summary>Points of a line; more are put together, of latencies the highest.</summary>
    private const int PointsMax = 900;

    private const string Style = """
        :root{color-scheme:light dark}body{font:14px/1.45 system-ui,sans-serif;max-width:1080px;margin:2em auto;padding:0 1em}
        table{border-collapse:collapse;display:block;overflow-x:auto}th,td{padding:.25em .7em;text-align:right;border-bottom:1px solid #8885;white-space:nowrap}
        th:first-child,td:first-child{text-align:left}svg{width:100%;height:auto}svg text{fill:currentColor;font-size:11px}
        .grid{stroke:#8883}.level{stroke:#d62728;stroke-dasharray:6 4}.key span{display:inline-block;margin-right:1.2em}.key i{display:inline-block;width:1.4em;height:3px;margin-right:.4em;vertical-align:middle}
        """;

    private readonly StringBuilder _page = new();
    private readonly IGrouping<string, RunResult>[] _byPolicy = [.. results.GroupBy(static r => r.Policy)];

    public string Render()
    {
        var scenario = options.Scenario;
        var title = WebUtility.HtmlEncode(options.Title);
        _page.Append(CultureInfo.InvariantCulture, $"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title><style>{Style}</style></head><body>\n<h1>Simulation</h1>\n<p>{title}</p>\n");
        _page.Append(CultureInfo.InvariantCulture, $"<p>One replica carries {capacity.Rate:0.#} requests/s within the SLO and then holds {capacity.Concurrency:0.#}; at full batches {capacity.Throughput:0.#}. ");
        _page.Append(CultureInfo.InvariantCulture, $"Seeds {string.Join(", ", options.Seeds)}; in brackets 95 % bootstrap intervals over them. The first {scenario.WarmUpSeconds:0} s are not counted. Refused, expired and lost requests are violations; starting and draining replicas are paid for.</p>\n");
        Table();
        Pareto();
        _page.Append(CultureInfo.InvariantCulture, $"<h2>Over time, seed {options.Seeds[0]}</h2>\n");
        Key();
        Plots();
        return _page.Append("</body></html>\n").ToString();
    }

    private void Table()
    {
        _page.Append("<h2>Results</h2>\n<table><thead><tr><th>policy</th>");
        foreach (var figure in ResultFigure.All)
        {
            _page.Append(CultureInfo.InvariantCulture, $"<th>{WebUtility.HtmlEncode(figure.Title)}</th>");
        }

        _page.Append("</tr></thead><tbody>\n");
        foreach (var runs in _byPolicy)
        {
            _page.Append(CultureInfo.InvariantCulture, $"<tr><td>{WebUtility.HtmlEncode(runs.Key)}</td>");
            foreach (var figure in ResultFigure.All)
            {
                _page.Append(CultureInfo.InvariantCulture, $"<td>{FigureText.Of(figure, figure.Over(runs), runs.Count() > 1)}</td>");
            }

            _page.Append("</tr>\n");
        }

        _page.Append("</tbody></table>\n");
    }

    /// <summary>Violations on a logarithmic scale, for most policies lie between 99 and 100 %.</summary>
    private void Pareto()
    {
        var points = _byPolicy.Select((runs, i) => (
            Name: runs.Key, Style: i, Hours: runs.Average(static r => r.GpuHours), Missed: Math.Max(1e-3, 100 - (100 * runs.Average(static r => r.Attainment))))).ToList();
        var (least, most) = (points.Min(static p => p.Hours), points.Max(static p => p.Hours));
        var margin = Math.Max(0.05 * (most - least), 0.01 * most);
        var plot = new SvgPlot((Math.Max(0, least - margin), most + margin), (1e-3, 100), "GPU-hours", "violations, % of requests", isLogarithmic: true);
        var front = points.Where(p => !points.Any(q => q.Hours <= p.Hours && q.Missed <= p.Missed && (q.Hours < p.Hours || q.Missed < p.Missed))).OrderBy(static p => p.Hours).ToList();
        plot.Draw(new([.. front.Select(static p => (p.Hours, p.Missed))], 7, IsStepped: true));
        foreach (var (name, style, hours, missed) in points)
        {
            plot.Mark(hours, missed, WebUtility.HtmlEncode(name), style, front.Any(p => p.Name == name));
        }

        plot.DrawLevel(100 * (1 - options.Scenario.SloShare));
        _page.Append("<h2>Attainment against GPU-hours</h2>\n<p>Filled: no other is both cheaper and better. Dashed: what the SLO allows.</p>\n").Append(plot.Close());
    }

    private void Key()
    {
        _page.Append("<p class=\"key\">");
        for (var i = 0; i < _byPolicy.Length; i++)
        {
            _page.Append(CultureInfo.InvariantCulture, $"<span><i style=\"background:{Palette.Colour(i)}\"></i>{WebUtility.HtmlEncode(_byPolicy[i].Key)}</span>");
        }

        _page.Append("</p>\n");
    }

    private void Plots()
    {
        var series = _byPolicy.Select(static runs => runs.First().Series).ToArray();
        if (series[0].IsEmpty)
        {
            return;
        }

        var time = (series[0][0].At / 3600, series[0][^1].At / 3600);
        var rate = new SvgPlot(time, (0, series[0].Max(static p => p.Rate)), "hours", "requests/s");
        rate.Draw(Line(series[0], 0, isStepped: false, static points => points.Average(static p => p.Rate)));
        _page.Append("<h3>Rate</h3>\n").Append(rate.Close());

        var replicas = new SvgPlot(time, (0, series.Max(static s => s.Max(static p => p.Paid))), "hours", "replicas paid for");
        var slo = options.Scenario.SloSeconds;
        var highest = Math.Max(10 * slo, series.Max(static s => s.Max(static p => p.Latency is { } l && double.IsFinite(l) ? l : 0)));
        var latency = new SvgPlot(time, (Math.Min(1e-3, slo / 10), highest), "hours", "latency at the SLO's share, s", isLogarithmic: true);
        for (var i = 0; i < series.Length; i++)
        {
            replicas.Draw(Line(series[i], i, isStepped: true, static points => points.Max(static p => p.Paid)));
            latency.Draw(Line(series[i], i, isStepped: false, points => points.Max(p => p.Latency is { } l ? Math.Min(l, highest) : double.NaN)));
        }

        latency.DrawLevel(slo);
        _page.Append("<h3>Replicas</h3>\n").Append(replicas.Close()).Append("<h3>Latency</h3>\n<p>Dashed: the SLO. Refused requests count as the highest.</p>\n").Append(latency.Close());
    }

    private static PlotLine Line(ImmutableArray<SeriesPoint> series, int style, bool isStepped, Func<IEnumerable<SeriesPoint>, double> value)
    {
        var lump = (series.Length + PointsMax - 1) / PointsMax;
        return new([.. series.Chunk(lump).Select(points => (points[0].At / 3600, value(points)))], style, isStepped);
    }
}
