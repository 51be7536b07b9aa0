using InferenceOperator.Core.Control;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Decisions.Explain;

/// <summary>A decision told to a person at three in the morning: the outcome first, then what it rests on, then what else there could have been.</summary>
internal static class Explanation
{
    public static string Of(DecisionRecord d)
    {
        var sections = new Sections();
        sections.AddWide($"{d.Agent} at {Figures.Instant(d.At)}: {d.Reason}", "");
        sections.Add("Decided", Decided(d));
        sections.Add("Rule", $"{d.Rule}: {RuleText.Meaning(d.Rule)}");
        sections.Add("Guard rails", OtherwiseText.Guards(d));
        sections.AddWide("");
        sections.Add("Declared", Declared(d.Basis));
        sections.Add("Seen", SeenText.Of(d.Basis));
        sections.Add("Replicas", Replicas(d.Basis));
        sections.Add("Service time", ModelText.Service(d.Basis));
        sections.Add("Variants", ModelText.Variants(d.Basis));
        sections.Add("Forecast", ModelText.Forecast(d));
        sections.Add("Capacity", ModelText.Capacity(d));
        sections.Add("Weighed", ModelText.Candidates(d));
        sections.Add("Otherwise", OtherwiseText.Replicas(d));
        return sections.ToString();
    }

    private static IEnumerable<string> Decided(DecisionRecord d)
    {
        yield return Moves(d.Basis.Current, d.Proposed);
        if (d.Applied != d.Proposed)
        {
            var because = d.Basis.OtherWriter is { } writer ? $"{writer} writes the number of replicas" : $"the mode is {d.Mode}";
            yield return $"not done, because {because}: {Figures.Count(d.Applied.Replicas, "replica")} at batch limit {d.Applied.Batching.MaxSize}";
        }
    }

    private static string Moves(Target from, Target to) =>
        $"{Move($"{from.Replicas}", $"{to.Replicas}")} {(to.Replicas == 1 ? "replica" : "replicas")}, batch limit {Move($"{from.Batching.MaxSize}", $"{to.Batching.MaxSize}")}, wait for company at most {Move($"{from.Batching.MaxDelay}", $"{to.Batching.MaxDelay}")}{Answers(from, to)}";

    private static string Answers(Target from, Target to) =>
        from.Choice.Answers == VariantShares.Full && to.Choice.Answers == VariantShares.Full ? "" : $", answered by {Move(from.Choice.Answers, to.Choice.Answers)}";

    private static string Move(string from, string to) => from == to ? from : $"{from} → {to}";

    private static IEnumerable<string> Declared(DecisionBasis basis)
    {
        var slo = basis.Slo is { Latency: var l } ? $"p{l.Percentile} within {l.Target}" : "no SLO: replicas are kept at 70 % of what they can do";
        var scaling = basis.Scaling;
        var replicas = scaling.Replicas is { } set ? $"{Figures.Count(set, "replica")} by scaling.replicas" : $"{basis.LeastReplicas} to {scaling.MaxReplicas} replicas";
        yield return $"{slo}; {replicas}; batches up to {basis.Batching.MaxSize}; mode {scaling.Mode}";
        if (basis.Cut is { } cut)
        {
            yield return $"GPUs are scarce: {cut}";
        }

        if ((scaling.ScaleUp.MaxStep, scaling.ScaleDown.MaxStep) is var (up, down) && (up ?? down) is not null)
        {
            yield return $"at once at most {up?.ToString() ?? "three times those that serve"} more, {down?.ToString() ?? "a quarter"} fewer";
        }

        yield return $"scale-down window {scaling.ScaleDown.Window}; generation {basis.Generation} of the manifest";
    }

    private static IEnumerable<string> Replicas(DecisionBasis basis)
    {
        var lost = basis.Overdue > 0 ? $", {basis.Overdue} overdue or ended" : "";
        var unplaced = basis.Unschedulable > 0 ? $", {basis.Unschedulable} without a place" : "";
        yield return $"{basis.Current.Replicas} wanted, {basis.Ready} ready, {basis.Pending} starting{lost}{unplaced}; a start usually takes {Figures.Time(basis.StartUp)}";
        if (basis.Endpoint is { } endpoint)
        {
            yield return $"{Figures.Count(endpoint.Inside, "request")} at the endpoint in front of them, {endpoint.Held} of them held until a replica is there{(basis.IdleFor > TimeSpan.Zero ? $"; proven idle for {Figures.Time(basis.IdleFor)}" : "")}";
        }

        yield return $"last change {Figures.Time(basis.At - basis.MovedAt)} before{(basis.WentDownAt is { } down ? $", last taken away {Figures.Time(basis.At - down)} before" : "")}";
    }
}
