using System.Collections.Immutable;
using System.Globalization;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Rollout;

/// <summary>Between a roll-out's state and what status says of it.</summary>
public static class RolloutReport
{
    /// <summary>What status says; null: the agent never had another revision.</summary>
    public static RolloutStatus? Of(RolloutPlan plan) => plan.State switch
    {
        RolloutState.Stable { Last: null } => null,
        RolloutState.Stable { Last: { } last } => new()
        {
            Phase = last.IsPromoted ? RolloutPhase.Promoted : RolloutPhase.RolledBack,
            From = last.From.Text,
            To = last.To.Text,
            Since = last.At,
            Reason = last.Reason,
            Evidence = Figures(last.Evidence),
        },
        RolloutState.Canary { Progress: var p } => UnderWay(RolloutPhase.Canary, p, plan.Reason),
        RolloutState.Proceeding { Progress: var p } => UnderWay(RolloutPhase.Proceeding, p, plan.Reason),
        RolloutState.Returning { Progress: var p, Outcome: var outcome } => UnderWay(RolloutPhase.Returning, p, outcome.Reason),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Where a new operator goes on: from what runs, and from what the status says of that.</summary>
    /// <param name="status">What was last written; null: nothing.</param>
    /// <param name="running">The revisions that there are, those with the most replicas first.</param>
    /// <param name="wanted">What the manifest asks for.</param>
    /// <param name="now">The time (UTC).</param>
    public static RolloutState Restore(RolloutStatus? status, ImmutableArray<RevisionName> running, RevisionName wanted, DateTimeOffset now)
    {
        if (running.IsEmpty)
        {
            return new RolloutState.Stable(wanted);
        }

        var (from, to) = status is null ? default : (new RevisionName(status.From), new RevisionName(status.To));
        var (hasFrom, hasTo) = status is null ? default : (running.Contains(from), running.Contains(to));
        if (status is null || !(hasFrom || hasTo))
        {
            // The operator ended between the first new replica and the word of it.
            return new RolloutState.Stable(running.Where(r => r != wanted).Append(running[0]).First());
        }

        var progress = new RolloutProgress { From = from, To = to, Since = status.Since, MovedAt = now, Evidence = Evidence(status.Evidence) };
        var outcome = new RolloutOutcome(status.Phase is RolloutPhase.Promoted or RolloutPhase.Proceeding, from, to, status.Since, status.Reason, progress.Evidence);
        return (status.Phase, hasFrom, hasTo) switch
        {
            (RolloutPhase.Canary, true, _) => new RolloutState.Canary(progress),
            (RolloutPhase.Proceeding, true, true) => new RolloutState.Proceeding(progress),
            (RolloutPhase.Returning, true, true) => new RolloutState.Returning(progress, outcome),
            (RolloutPhase.Proceeding or RolloutPhase.Promoted or RolloutPhase.Canary, _, true) => new RolloutState.Stable(to, outcome with { IsPromoted = true }),
            (RolloutPhase.Proceeding, true, false) => new RolloutState.Stable(from),
            (_, true, _) => new RolloutState.Stable(from, status.Phase is RolloutPhase.Promoted ? null : outcome),
            _ => new RolloutState.Stable(to),
        };
    }

    private static RolloutStatus UnderWay(RolloutPhase phase, RolloutProgress p, string reason) => new()
    {
        Phase = phase,
        From = p.From.Text,
        To = p.To.Text,
        Since = p.Since,
        Reason = reason,
        Evidence = Figures(p.Evidence),
    };

    private static ImmutableArray<RolloutEvidenceStatus> Figures(RolloutEvidence evidence) =>
    [
        .. new[] { (Measure: RolloutMeasure.Latency, Of: evidence.Latency), (Measure: RolloutMeasure.Errors, Of: evidence.Errors), (Measure: RolloutMeasure.Agreement, Of: evidence.Agreement) }
            .Where(static each => each.Of.Blocks > 0)
            .Select(static each => new RolloutEvidenceStatus
            {
                Measure = each.Measure,
                Blocks = each.Of.Blocks,
                OldRequests = (long)each.Of.Total.OldCount,
                OldBad = (long)each.Of.Total.OldBad,
                NewRequests = (long)each.Of.Total.NewCount,
                NewBad = (long)each.Of.Total.NewBad,
                Worse = Text(each.Of.Stronger.Relative.Log),
                Beyond = Text(each.Of.Stronger.Absolute.Log),
            }),
    ];

    private static RolloutEvidence Evidence(ImmutableArray<RolloutEvidenceStatus> figures) => new()
    {
        Latency = Evidence(figures.FirstOrDefault(static f => f.Measure is RolloutMeasure.Latency)),
        Errors = Evidence(figures.FirstOrDefault(static f => f.Measure is RolloutMeasure.Errors)),
        Agreement = Evidence(figures.FirstOrDefault(static f => f.Measure is RolloutMeasure.Agreement)),
    };

    private static MeasureEvidence Evidence(RolloutEvidenceStatus? figures)
    {
        if (figures is null)
        {
            return MeasureEvidence.None;
        }

        // The other strand begins anew, which is as fair as going on, and has the next bet, so that this one keeps its distance.
        var strand = new EvidenceStrand { Relative = BettingProcess.From(Number(figures.Worse)), Absolute = BettingProcess.From(Number(figures.Beyond)) };
        var isOddNext = figures.Blocks % MeasureEvidence.Strands != 0;
        return new()
        {
            Blocks = figures.Blocks,
            Total = new(figures.OldRequests, figures.OldBad, figures.NewRequests, figures.NewBad),
            Even = isOddNext ? strand : EvidenceStrand.Start,
            Odd = isOddNext ? EvidenceStrand.Start : strand,
        };
    }

    // Rounded down: what is written is never more evidence than there is.
    private static string Text(double log) => (Math.Floor(log * 100) / 100).ToString("0.##", CultureInfo.InvariantCulture);

    private static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : 0;
}
