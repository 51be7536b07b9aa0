using System.Collections.Immutable;
using System.Globalization;
using InferenceOperator.Core.Resource;
using InferenceOperator.Decisions.Explain;
using InferenceOperator.Tables;

namespace InferenceOperator.Overview;

/// <summary>Agents as a table, and what there is to say of those that need a look.</summary>
/// <param name="now">The time (UTC), from which ages are counted.</param>
/// <param name="style">Colours.</param>
internal sealed class OverviewText(DateTimeOffset now, TerminalStyle style)
{
    /// <summary>Agents that are told at length after a table; the others are counted.</summary>
    public const int ToldMax = 20;

    private const string None = "-";

    /// <summary>The table, at length those that need a look, and a line that counts.</summary>
    /// <param name="agents">At least one, in the order of the table.</param>
    /// <param name="wide">More columns.</param>
    public IEnumerable<string> Fleet(ImmutableArray<AgentOverview> agents, bool wide)
    {
        foreach (var (i, line) in Table(agents, wide).Lines().Index())
        {
            yield return i == 0 ? line : style.Paint(line, agents[i - 1].Standing);
        }

        var told = agents.Where(static agent => agent.Standing.NeedsAttention).ToList();
        foreach (var line in told.Take(ToldMax).SelectMany(agent => One(agent).Prepend("")))
        {
            yield return line;
        }

        yield return "";
        if (told.Count > ToldMax)
        {
            yield return $"{told.Count - ToldMax} more need a look: name one of them to be told.";
        }

        yield return Summary(agents);
    }

    /// <summary>One agent at length.</summary>
    public IEnumerable<string> One(AgentOverview agent)
    {
        var standing = agent.Standing;
        var since = standing.Since is { } at ? $", since {OverviewFigures.Since(at, now)}" : "";
        yield return style.Paint($"{agent.Key} {Words(standing.Slo)}: {OverviewFigures.Plain(standing.Why)}{since}", standing);
        foreach (var (label, text) in Told(agent))
        {
            yield return $"  {label,-8}  {OverviewFigures.Plain(text)}";
        }
    }

    /// <summary>How many agents stand how, and what they take.</summary>
    public static string Summary(ImmutableArray<AgentOverview> agents)
    {
        var parts = agents.GroupBy(static agent => agent.Standing.Slo).OrderByDescending(static group => group.Key)
            .Select(static group => $"{group.Count()} {(group.Count() == 1 ? Words(group.Key) : PluralWords(group.Key))}");
        var gpus = agents.Sum(static agent => agent.Gpus);
        var cost = agents.Any(static agent => agent.CostPerHour is not null)
            ? string.Create(CultureInfo.InvariantCulture, $", {agents.Sum(static agent => agent.CostPerHour ?? 0):0.####} an hour")
            : "";
        return $"{Figures.Count(agents.Length, "agent")}: {string.Join(", ", parts)}; {Figures.Count(gpus, "GPU")}{cost}";
    }

    private TextTable Table(ImmutableArray<AgentOverview> agents, bool wide)
    {
        string[] headings = [" NAMESPACE", " NAME", " SLO", "P99", "TARGET", "WITHIN", "READY", "GPUS", " ON", " VARIANT", "COST/H", " ROLL-OUT", " LAST CHANGE"];
        var table = new TextTable(wide ? [.. headings, "RATE", "P50", "BATCH", " MODE", "POLICIES", " SEEN", " MODEL"] : headings);
        foreach (var agent in agents)
        {
            var row = Row(agent);
            table.Add([.. (wide ? [.. row, .. WideCells(agent)] : row).Select(OverviewFigures.Plain)]);
        }

        return table;
    }

    private string[] Row(AgentOverview agent)
    {
        var status = agent.Status;
        return
        [
            agent.Namespace,
            agent.Name,
            agent.Standing.Slo.ToString(),
            status.Observed?.P99?.ToString() ?? None,
            agent.Target ?? None,
            status.Observed?.SloAttainment is { } within ? $"{within}%" : None,
            $"{status.ReadyReplicas}/{status.Replicas}",
            agent.GpusPerReplica > 0 ? agent.Gpus.ToString(CultureInfo.InvariantCulture) : None,
            status.Accelerator?.Provider is { Length: > 0 } provider ? provider : None,
            status.Serving is { } serving ? serving.Burst ?? serving.Variant : None,
            status.Cost?.PerHour ?? None,
            status.Rollout is { Phase: not RolloutPhase.Promoted } rollout ? rollout.Phase.ToString() : None,
            status.Decisions is [var last, ..] ? $"{last.Rule} {OverviewFigures.Age(now - last.At)} ago" : None,
        ];
    }

    private string[] WideCells(AgentOverview agent)
    {
        var status = agent.Status;
        return
        [
            status.Observed?.Rate ?? None,
            status.Observed?.P50?.ToString() ?? None,
            status.Batching?.MaxSize.ToString(CultureInfo.InvariantCulture) ?? None,
            agent.Mode,
            status.Policies.IsEmpty ? None : status.Policies.Length.ToString(CultureInfo.InvariantCulture),
            status.Observed is { } seen ? $"{OverviewFigures.Age(now - seen.At)} ago" : None,
            agent.Model,
        ];
    }

    private IEnumerable<(string Label, string Text)> Told(AgentOverview agent)
    {
        var status = agent.Status;
        yield return ("serves", Serves(agent));
        if (status.Observed is { } seen)
        {
            var within = seen.SloAttainment is { } percent && agent.Target is { } target ? $", {percent}% within {target}" : "";
            yield return ("seen", $"{seen.Rate} requests/s, p50 {seen.P50?.ToString() ?? None}, p99 {seen.P99?.ToString() ?? None}{within}, {OverviewFigures.Age(now - seen.At)} ago");
        }

        foreach (var alike in agent.Standing.Wrong.GroupBy(static concern => (concern.Reason, concern.Message)))
        {
            // Several conditions often tell of one thing: it is told once.
            var (reason, message) = alike.Key;
            var since = alike.Min(static concern => concern.At) is { } at ? $" since {OverviewFigures.Since(at, now)}" : "";
            var what = string.Join(", ", alike.Select(static concern => $"{concern.What} {concern.State}"));
            yield return ("wrong", $"{what}{since}: {reason}{(message.Length == 0 ? "" : message == agent.Standing.Why ? ", as above" : $": {message}")}");
        }

        if (status.Conditions.FirstOrDefault(static c => c is { Type: ConditionTypes.Reconciling, Status: ConditionState.True }) is { } working)
        {
            yield return ("at work", $"{working.Reason} since {OverviewFigures.Since(working.LastTransitionTime, now)}: {working.Message}");
        }

        if (status.Rollout is { } rollout)
        {
            yield return ("roll-out", $"{rollout.Phase} {rollout.From} -> {rollout.To} since {OverviewFigures.Since(rollout.Since, now)}{(rollout.Reason.Length > 0 ? $": {rollout.Reason}" : "")}");
        }

        foreach (var effect in status.Policies)
        {
            yield return ("policy", $"{effect.Policy}: {effect.Field} counts as {effect.Effective}, declared {effect.Declared ?? "nothing"}");
        }

        if (status.Decisions is [var last, ..])
        {
            yield return ("decided", $"{OverviewFigures.Since(last.At, now)} {last.Rule}: {last.Reason}{(last.Applied ? "" : " (only recommended)")}");
        }
    }

    private static string Serves(AgentOverview agent)
    {
        var status = agent.Status;
        var what = status.Serving is { } serving ? serving.Burst is { } burst ? $"{serving.Variant}, for now by {burst}" : serving.Variant : "nothing";
        var share = status.Accelerator is { Provider: not "CPU", OnAccelerator: { } percent } ? $" ({percent}% of its time on the accelerator)" : "";
        var on = status.Accelerator is { Provider.Length: > 0 } accelerator ? $" on {accelerator.Provider}{share}" : "";
        var gpus = agent.GpusPerReplica > 0 ? $", {agent.Gpus} {agent.GpuResource}" : "";
        var cost = status.Cost is { } price ? $", {price.PerHour} an hour" : "";
        return $"{what}{on}, {status.ReadyReplicas} of {Figures.Count(status.Replicas, "replica")}{gpus}{cost}{(agent.Mode == nameof(ScalingMode.Auto) ? "" : $", mode {agent.Mode}")}";
    }

    private static string Words(SloStanding standing) => standing switch
    {
        SloStanding.Held => "holds its SLO",
        SloStanding.Undeclared => "declares no SLO",
        SloStanding.Idle => "has no traffic",
        SloStanding.Unknown => "is not known to hold its SLO",
        SloStanding.Missed => "misses its SLO",
        SloStanding.Down => "answers no request",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string PluralWords(SloStanding standing) => standing switch
    {
        SloStanding.Held => "hold their SLO",
        SloStanding.Undeclared => "declare no SLO",
        SloStanding.Idle => "have no traffic",
        SloStanding.Unknown => "are not known to hold their SLO",
        SloStanding.Missed => "miss their SLO",
        SloStanding.Down => "answer no request",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
