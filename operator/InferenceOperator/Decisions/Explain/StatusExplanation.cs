using InferenceOperator.Core.Resource;
using InferenceOperator.Tables;

namespace InferenceOperator.Decisions.Explain;

/// <summary>What an agent's status tells of its decisions, as <c>kubectl get -o json</c> gives it; the records themselves hold more.</summary>
internal static class StatusExplanation
{
    /// <param name="agent">With its status.</param>
    /// <param name="decisions">How many of the latest decisions are told, at least 1.</param>
    public static string Of(InferenceAgent agent, int decisions)
    {
        var sections = new Sections();
        if (agent.Status is not { } status)
        {
            sections.AddWide($"{agent.Key()}: no operator has looked after it yet; there is no status.");
            return sections.ToString();
        }

        sections.AddWide($"{agent.Key()}{(status.UpdatedAt is { } at ? $" at {Figures.Instant(at)}" : "")}: {Figures.Count(status.Replicas, "replica")} wanted, {status.ReadyReplicas} ready{Batching(status)}", "");
        sections.Add("Conditions", Conditions(status));
        sections.Add("Seen", Seen(agent, status));
        sections.Add("Service time", ServiceTime(status));
        sections.Add("Decisions", Decisions(status, decisions));
        sections.AddWide("", $"What each rests on is in the operator's log of decisions, and on its endpoint under /decisions/{agent.Key()}.");
        return sections.ToString();
    }

    private static string Batching(AgentStatus status) => status.Batching is { } batching ? $", batch limit {batching.MaxSize}, wait for company at most {batching.MaxDelay}" : "";

    private static IEnumerable<string> Conditions(AgentStatus status)
    {
        if (status.Conditions.IsEmpty)
        {
            return ["none"];
        }

        var table = new TextTable(" type", " is", " since", " why");
        foreach (var condition in status.Conditions)
        {
            table.Add(condition.Type, $"{condition.Status}", Figures.Instant(condition.LastTransitionTime), condition.Message.Length > 0 ? $"{condition.Reason}: {condition.Message}" : condition.Reason);
        }

        return table.Lines();
    }

    private static IEnumerable<string> Seen(InferenceAgent agent, AgentStatus status)
    {
        if (status.Observed is not { } observed)
        {
            yield return "nothing yet";
            yield break;
        }

        var age = status.UpdatedAt - observed.At is { } old ? $", {Figures.Time(old)} before this status" : "";
        yield return $"{observed.Rate} requests/s at {Figures.Instant(observed.At)}{age}";
        var target = agent.Spec.Slo is { Latency: var latency } ? $"; {observed.SloAttainment ?? "—"} % within {latency.Target}, p{latency.Percentile} is declared" : "";
        yield return $"p50 {observed.P50?.ToString() ?? "—"}, p99 {observed.P99?.ToString() ?? "—"}{target}";
    }

    private static IEnumerable<string> ServiceTime(AgentStatus status)
    {
        yield return status.Model is not { } fit ? "not known yet"
            : fit.Identified ? $"an execution of b rows takes {fit.Fixed} + {fit.PerRow}·b, ± {fit.Residual}"
            : $"{fit.Fixed} at {fit.MeanBatch} rows; batches were too alike to tell how it grows with rows";
        if (status.Model is { } known)
        {
            yield return $"from {known.Executions} executions of {known.MeanBatch} rows on the average, {known.LargestBatch} at most";
        }
    }

    private static IEnumerable<string> Decisions(AgentStatus status, int most)
    {
        if (status.Decisions.IsEmpty)
        {
            yield return "none that changed anything";
        }

        foreach (var decision in status.Decisions.Take(most))
        {
            yield return $"{Figures.Instant(decision.At)} {decision.Rule}: {decision.Reason}{(decision.Applied ? "" : " It was only recommended.")}";
        }
    }
}
