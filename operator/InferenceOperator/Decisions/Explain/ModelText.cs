using System.Globalization;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Tables;

namespace InferenceOperator.Decisions.Explain;

/// <summary>What the model says: service time, forecast, capacity, and the plans that were weighed.</summary>
internal static class ModelText
{
    public static IEnumerable<string> Service(DecisionBasis basis)
    {
        if (basis.Service is not { } service)
        {
            yield return "not known yet";
            yield break;
        }

        yield return service switch
        {
            ServiceTime.OnePoint point => $"{Figures.Time(point.Seconds)} at {Figures.Number(point.Batch)} rows; batches were too alike to tell how it grows with rows, so the worst is taken",
            ServiceTime.Fitted => Figures.Line(service),
            ServiceTime.Table table => $"no line: {string.Join(", ", table.Points.Select(static p => $"{Figures.Time(p.Seconds)} at {Figures.Number(p.Rows)} rows"))}",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        yield return $"noise {Figures.Percent(service.RelativeNoise)}; from {basis.Fit?.Executions ?? 0} executions of {Figures.Number(service.MeanBatch)} rows on the average, {basis.LargestBatch} at most";
    }

    public static IEnumerable<string> Forecast(DecisionRecord d)
    {
        if (d.Forecast is not { } f)
        {
            yield break;
        }

        yield return $"{Figures.Number(f.RowsPerSecond)} rows/s in {Figures.Time(f.HorizonSeconds)} (age of the measurement, a step, a start): the most of";
        yield return $"  {Figures.Number(f.EnvelopeRowsPerSecond)} now, {Figures.Number(f.TrendRowsPerSecond)} by the trend and {Figures.Percent(f.KeptShare)} on top of it for surprises, {Season(f.SeasonalRowsPerSecond, f.TrustsSeason)}";
        if (f.BacklogRows > 0 || f.BacklogAheadRows > 0)
        {
            yield return $"  or what comes now and, in {Figures.Time(AgentController.DrainTime)}, the {Figures.Count((int)Math.Round(f.BacklogAheadRows), "row")} that will wait then; {Figures.Count((int)Math.Round(f.BacklogRows), "row")} beyond a batch per replica now";
            if (f.BacklogAheadRows > f.EnvelopeRowsPerSecond * AgentController.DrainTime.TotalSeconds)
            {
                yield return "  of those no more is counted than comes now, or was planned for before: more replicas would be of use for moments only, and what waits has missed the SLO";
            }
        }

        yield return $"the most planned for in the scale-down window before: {Figures.Number(d.Basis.MostDemand)} rows/s";
    }

    public static IEnumerable<string> Capacity(DecisionRecord d)
    {
        if (d.CapacityPerReplica is not { } capacity)
        {
            yield return "not known";
            yield break;
        }

        var trim = d.TrimFactor > 1 ? $", {Figures.Number(d.TrimFactor)} times less than the model says" : "";
        var within = d.Basis.Slo is null || d.Guards.Contains(GuardRail.SloInfeasible) ? "at 70 % of what it can do" : "within the SLO";
        yield return $"a replica carries {Figures.Number(capacity)} rows/s {within}{trim}; {(d.RequiredReplicas is { } required ? $"{required} needed" : "how many are needed is not known")}";
        if (d.Guards.Contains(GuardRail.SloInfeasible) && DecisionRules.Verdict(d.Basis) is SloVerdict.Infeasible infeasible)
        {
            yield return $"the nearest target that can be held is {Figures.Time(infeasible.NearestSeconds)}: two executions of a row, and what lies around them";
        }

        if (d.Forecast is not null)
        {
            var replicas = Figures.Count(d.Proposed.Replicas, "replica");
            yield return d.PredictedSeconds is { } predicted
                ? $"with the {replicas} decided on p{d.Basis.Slo?.Latency.Percentile ?? "99"} is predicted to be {Figures.Time(predicted)}"
                : $"the {replicas} decided on cannot keep up with what is expected";
        }
    }

    public static IEnumerable<string> Candidates(DecisionRecord d)
    {
        if (d.Candidates.IsEmpty)
        {
            return [];
        }

        var isSeveral = d.Candidates.Any(c => c.Variant != d.Candidates[0].Variant);
        var isPriced = d.Basis.ReplicaPrice is not null;
        var table = new TextTable(
            [" ", .. Only(isSeveral, "answers"), "batch", "full batch", "rows/s a replica", "replicas", $"p{d.Basis.Slo?.Latency.Percentile ?? "99"}", .. Only(isPriced, "per hour"), " "]);
        foreach (var c in d.Candidates)
        {
            table.Add(
            [
                c.MaxSize == d.Proposed.Batching.MaxSize && c.Variant == d.Proposed.Choice.Steady ? "→" : "", .. Only(isSeveral, c.Variant), c.MaxSize.ToString(CultureInfo.InvariantCulture),
                Figures.Time(c.ServiceSeconds), Figures.Number(c.Capacity), c.Replicas.ToString(CultureInfo.InvariantCulture), c.PredictedSeconds is { } predicted ? Figures.Time(predicted) : "∞",
                .. Only(isPriced, c.CostPerHour.ToString("0.00", CultureInfo.InvariantCulture)), c.Holds ? "" : "misses the SLO",
            ]);
        }

        return table.Lines();
    }

    /// <summary>What is known of the variants that may be chosen.</summary>
    public static IEnumerable<string> Variants(DecisionBasis basis)
    {
        foreach (var v in basis.Variants?.Options ?? [])
        {
            var service = v.Service is { } measured ? Figures.Line(measured) : "not measured yet";
            var accuracy = v.Accuracy is { } share ? $", accuracy {share.ToString("0.####", CultureInfo.InvariantCulture)}" : "";
            yield return $"{v.Name} ({v.Use}{accuracy}): {service}{(v.IsResident ? "" : "; not on every replica")}";
        }
    }

    private static IEnumerable<string> Only(bool isShown, string text) => isShown ? [text] : [];

    private static string Season(double? rows, bool isTrusted) => rows is { } known
        ? $"{Figures.Number(known)} usually at that time of day{(isTrusted ? "" : " (not counted: it did not do better of late)")}"
        : "nothing known of that time of day";
}
