using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Tables;

namespace InferenceOperator.Decisions.Explain;

/// <summary>What was measured, by whom, and how old it was.</summary>
internal static class SeenText
{
    public static IEnumerable<string> Of(DecisionBasis basis)
    {
        foreach (var line in basis.Measurement switch
        {
            Measurement.Measured measured => Traffic(basis, measured.Traffic),
            Measurement.Idle idle => [$"idle, proven: every ready replica reported, and no request came for {Figures.Time(idle.Window)}"],
            Measurement.Unknown unknown => [$"unknown ({unknown.Reason}): {unknown.Detail}"],
            _ => throw new System.Diagnostics.UnreachableException(),
        })
        {
            yield return line;
        }

        if (basis.Budget is { Slo: { Requests: >= 1 } slo })
        {
            yield return $"{Figures.Percent(slo.Met / slo.Requests)} within the SLO over {Figures.Time(BudgetBasis.Window)}";
        }

        yield return Age(basis);
        if (basis.MetricFailure is { } failure)
        {
            yield return $"the metric source failed: {failure}";
        }

        if (basis.DisagreedSteps > 0)
        {
            yield return $"requests in flight and latencies contradict each other, for {Figures.Count(basis.DisagreedSteps, "step")} now";
        }
    }

    private static string Age(DecisionBasis basis) => basis.Measurement.SampledAt is { } at
        ? $"{Figures.Time(basis.At - at)} old{(basis.Measurement.Source is { } source ? $", by {Who(source)}" : "")}; traffic known without a gap for {Figures.Time(basis.KnownFor)}"
        : "no sample has come yet";

    private static string Who(MetricSource source) => source switch
    {
        MetricSource.Prometheus => "Prometheus",
        MetricSource.Scrape => "asking the replicas",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static IEnumerable<string> Traffic(DecisionBasis basis, TrafficWindow traffic)
    {
        var table = new TextTable("over", "requests/s", "rows/s", "answered/s", "within the SLO");
        foreach (var window in new[] { traffic.Short, traffic.Medium, traffic.Long })
        {
            table.Add(Figures.Time(window.Seconds), Figures.Number(window.RequestRate), Figures.Number(window.RowRate), Figures.Number(window.AnswerRate), basis.Slo is null ? "—" : Figures.Percent(window.Attainment));
        }

        foreach (var line in table.Lines())
        {
            yield return line;
        }

        var percentile = basis.Slo is { Latency.Percentile: not "99" and var p } ? $", p{p} {Figures.Time(traffic.SloPercentileSeconds)}" : "";
        yield return $"latency p50 {Figures.Time(traffic.P50Seconds)}, p99 {Figures.Time(traffic.P99Seconds)}{percentile}, of it outside queue and execution {Figures.Time(traffic.OverheadSeconds)}";
        yield return $"{Figures.Count((int)Math.Round(traffic.QueueRows), "row")} waiting, {Figures.Count((int)Math.Round(traffic.InFlight), "request")} in flight; {Figures.Number(traffic.RowsPerRequest)} {(Figures.Number(traffic.RowsPerRequest) == "1" ? "row" : "rows")} a request, burstiness {(traffic.Dispersion is { } dispersion ? Figures.Number(dispersion) : "not known")} (1 is Poisson)";
    }
}
