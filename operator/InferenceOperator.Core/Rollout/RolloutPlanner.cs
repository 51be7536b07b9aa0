using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Rollout;

/// <summary>The state machine of roll-outs. Pure: equal states, observations and times give equal plans.</summary>
/// <remarks>
/// At most two revisions run beside what drains. The replicas that are ready are never fewer, because of a roll-out, than the controller
/// wants, but for one where there is no room for one more and the demand allows it. Nothing goes forward or back because measurements are missing.
/// </remarks>
public static class RolloutPlanner
{
    /// <summary>Times that a new replica may go down again after it was ready; one more is a crash loop.</summary>
    public const int FallsMax = 2;

    /// <summary>Parts in which a revision takes over.</summary>
    private const int Steps = 4;

    /// <summary>The next plan.</summary>
    /// <param name="state">The state after the last look.</param>
    /// <param name="seen">What is seen now.</param>
    /// <param name="now">The time (UTC).</param>
    public static RolloutPlan Plan(RolloutState state, RolloutObservation seen, DateTimeOffset now) => state switch
    {
        RolloutState.Stable stable => PlanStable(stable, seen, now),
        RolloutState.Canary { Progress: var progress } => PlanCanary(Look(progress, progress.To, seen, now), seen, now),
        RolloutState.Proceeding { Progress: var progress } => PlanProceeding(Look(progress, progress.To, seen, now), seen, now),
        RolloutState.Returning returning => PlanReturning(Look(returning.Progress, returning.Progress.From, seen, now), returning.Outcome, seen),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static RolloutPlan PlanStable(RolloutState.Stable stable, RolloutObservation seen, DateTimeOffset now)
    {
        if (seen.Wanted is not { } wanted)
        {
            return One(stable, seen);
        }

        if (wanted == stable.Serving)
        {
            // Whoever asked for it back may ask for the other again.
            return One(stable.Last is { IsPromoted: false } ? stable with { Last = null } : stable, seen);
        }

        if (stable.Last is { IsPromoted: false, To: var refused } last && refused == wanted)
        {
            return One(stable, seen, $"{last.Reason}; {stable.Serving} serves until the manifest asks for another", needsPerson: true);
        }

        var why = !seen.Rules.IsGated ? "exchanged at once, as the manifest says"
            : seen.OtherWriter is { } writer ? $"exchanged at once: {writer} writes the number of replicas, which a second side would hide from it"
            : seen.Ready(stable.Serving) == 0 ? "exchanged at once: no replica of the old revision was ready to compare it with"
            : null;
        return why is not null
            ? One(new RolloutState.Stable(wanted, new(IsPromoted: true, stable.Serving, wanted, now, why, RolloutEvidence.None)), seen)
            : PlanCanary(Look(new RolloutProgress { From = stable.Serving, To = wanted, Since = now, MovedAt = now }, wanted, seen, now), seen, now);
    }

    private static RolloutPlan PlanCanary(RolloutProgress p, RolloutObservation seen, DateTimeOffset now)
    {
        if ((seen.Wanted is { } wanted && wanted != p.To) || seen.OtherWriter is not null)
        {
            p = p with { HeldSince = p.HeldSince ?? now };
            return IsNeeded(p, seen, now)
                ? new(new RolloutState.Canary(p), new([new(p.From, seen.Replicas), new(p.To, Canaries(p, seen))]), $"{p.To} is no longer asked for, and serves until {p.From} is whole again", NeedsPerson: false)
                : PlanStable(new(p.From), seen, now);
        }

        p = p with { HeldSince = null };
        if ((p.Evidence.Harm() ?? Broken(p, seen, now)) is { } harm)
        {
            return PlanStable(new(p.From, new(IsPromoted: false, p.From, p.To, now, $"{p.To} was sent back: {harm}", p.Evidence)), seen, now);
        }

        var (next, doubt) = Verdict(p, seen, now);
        switch (next)
        {
            case InconclusiveRollout.Proceed:
                return PlanProceeding(p with { MovedAt = now }, seen, now);
            case InconclusiveRollout.GoBack:
                return PlanStable(new(p.From, new(IsPromoted: false, p.From, p.To, now, $"{p.To} was sent back, as the manifest says: within {seen.Rules.MaxDuration} it was only {doubt}", p.Evidence)), seen, now);
            default:
                var room = Room(p, seen, now);
                var (old, canary) = seen.Replicas == 0 ? (0, 0) : (seen.Replicas - (room.Progress.TakesPlace ? 1 : 0), Canaries(p, seen));
                return new(
                    new RolloutState.Canary(room.Progress),
                    new([new(p.From, old), new(p.To, canary)]),
                    room.Waits ?? (p.FirstReadyAt is null ? $"one replica of {p.To} is started" : $"{p.To} is tried: {doubt}{Quiet(p, seen)}"),
                    NeedsPerson: IsOver(p, seen, now));
        }
    }

    // Its replica stands in for one of the old revision that is on its way; not for one that never comes, which would hold up all that is asked for since.
    private static bool IsNeeded(RolloutProgress p, RolloutObservation seen, DateTimeOffset now) =>
        !p.TakesPlace && now - p.HeldSince < seen.Rules.ReadyWithin && seen.Ready(p.To) > 0 && seen.Ready(p.From) < seen.Replicas
        && (seen.Live(p.From).Count() < seen.Replicas || seen.Live(p.From).Any(static r => r.Phase is ReplicaPhase.Starting));

    // One; more only where an operator that ended had gone further than it could write down, until the old side has grown again.
    private static int Canaries(RolloutProgress p, RolloutObservation seen) => Math.Max(1, Math.Min(seen.Ready(p.To), seen.Replicas - seen.Ready(p.From)));

    /// <summary>Whether it may proceed, and what speaks against that. Wait while the comparison goes on.</summary>
    private static (InconclusiveRollout Next, string? Doubt) Verdict(RolloutProgress p, RolloutObservation seen, DateTimeOffset now)
    {
        if (!seen.MetricsKnown)
        {
            return (InconclusiveRollout.Wait, "what its replicas do is unknown, so that it goes neither forward nor back");
        }

        if (IsQuiet(p, seen, now))
        {
            return (InconclusiveRollout.Proceed, null);
        }

        return p.Evidence.Missing(seen.Rules) is not { } missing ? (seen.Ready(p.To) > 0 ? InconclusiveRollout.Proceed : InconclusiveRollout.Wait, "its replica is not ready now")
            : IsOver(p, seen, now) && seen.Replicas > 0 ? (seen.Rules.WhenInconclusive, missing)
            : (InconclusiveRollout.Wait, missing);
    }

    // Nothing that was seen may speak against it.
    private static bool IsQuiet(RolloutProgress p, RolloutObservation seen, DateTimeOffset now) =>
        p.FirstReadyAt is not null && (seen.Ready(p.To) > 0 || seen.Replicas == 0) && now - p.QuietSince >= seen.Rules.ProceedsAfterQuiet && !p.Evidence.IsSuspicious;

    private static string Quiet(RolloutProgress p, RolloutObservation seen) =>
        p.QuietSince is { } since && seen.Rules.ProceedsAfterQuiet is { } after && !p.Evidence.IsSuspicious ? $"; nobody asks for anything, and if that stays so it takes over at {since + after:u}" : "";

    private static bool IsOver(RolloutProgress p, RolloutObservation seen, DateTimeOffset now) => now - p.FirstReadyAt >= seen.Rules.MaxDuration;

    private static RolloutPlan PlanProceeding(RolloutProgress p, RolloutObservation seen, DateTimeOffset now)
    {
        if ((p.Evidence.Harm() ?? Broken(p, seen, now)) is { } harm)
        {
            return Return(p, new(IsPromoted: false, p.From, p.To, now, $"{p.To} was sent back while it took over: {harm}", p.Evidence), seen, now);
        }

        if (seen.Wanted is { } wanted && wanted == p.From)
        {
            return Return(p, new(IsPromoted: true, p.To, p.From, now, "the manifest asks for the old revision again", p.Evidence), seen, now);
        }

        var room = Room(p, seen, now);
        if (seen.Wanted is { } other && other != p.To && room.Waits is not null)
        {
            // It cannot finish, and the manifest wants something else by now.
            return Return(p, new(IsPromoted: true, p.To, p.From, now, $"the manifest asks for {other} by now", p.Evidence), seen, now);
        }

        p = room.Progress;
        var ready = seen.Ready(p.To);
        if (seen.MetricsKnown || seen.Ready(p.From) == 0)
        {
            p = p with { Grown = Math.Max(p.Grown, Grow(p, seen, ready)) };
        }

        var (old, grown) = Shares(p, seen, ready);
        if (ready >= seen.Replicas && !seen.Running.Any(r => r.Revision == p.From))
        {
            return One(new RolloutState.Stable(p.To, new(IsPromoted: true, p.From, p.To, now, Passed(p), p.Evidence)), seen);
        }

        return new(
            new RolloutState.Proceeding(p), new([new(p.From, old), new(p.To, grown)]),
            room.Waits ?? (IsQuiet(p, seen, now) ? $"{p.To} takes over because it is ready and nobody asks for anything: {ready} of {seen.Replicas} replicas" : seen.MetricsKnown ? $"{p.To} takes over: {ready} of {seen.Replicas} replicas" : $"{p.To} takes over no further while what its replicas do is unknown"), NeedsPerson: false);
    }

    private static RolloutPlan Return(RolloutProgress p, RolloutOutcome outcome, RolloutObservation seen, DateTimeOffset now)
    {
        var back = p with { Grown = seen.Live(p.From).Count(), MostReady = seen.Ready(p.From), MovedAt = now, PlacelessSince = null, FailingSince = null, WereReady = [] };
        return PlanReturning(back, outcome, seen);
    }

    private static RolloutPlan PlanReturning(RolloutProgress p, RolloutOutcome outcome, RolloutObservation seen)
    {
        var ready = seen.Ready(p.From);
        p = p with { Grown = Math.Max(p.Grown, Grow(p, seen, ready)) };
        var (left, grown) = Shares(p, seen, ready);
        return ready >= seen.Replicas
            ? One(new RolloutState.Stable(p.From, outcome), seen, outcome.Reason)
            : new(new RolloutState.Returning(p, outcome), new([new(p.From, grown), new(p.To, left)]), $"{outcome.Reason}; {ready} of {seen.Replicas} replicas of {p.From} are back", NeedsPerson: false);
    }

    /// <summary>How many the growing side may have: a quarter more than are ready, or one more where each needs a place that is given.</summary>
    private static int Grow(RolloutProgress p, RolloutObservation seen, int ready) =>
        Math.Min(seen.Replicas, ready + (p.TakesPlace ? 1 : Math.Max(1, (seen.Replicas + Steps - 1) / Steps)));

    /// <summary>The shrinking side covers what the growing one does not yet; where there is no room it gives one place ahead.</summary>
    private static (int Shrunk, int Grown) Shares(RolloutProgress p, RolloutObservation seen, int ready)
    {
        var grown = Math.Min(seen.Replicas, p.Grown);
        var ahead = p.TakesPlace && grown > ready ? 1 : 0;
        return (Math.Max(0, seen.Replicas - Math.Min(ready, grown) - ahead), grown);
    }

    /// <summary>Whether there is room for one replica more, and what it waits for when there is not.</summary>
    private static (RolloutProgress Progress, string? Waits) Room(RolloutProgress p, RolloutObservation seen, DateTimeOffset now)
    {
        if (p.PlacelessSince is not { } since || now - since < seen.Rules.PlaceAfter)
        {
            return (p, null);
        }

        var message = seen.Live(p.To).FirstOrDefault(static r => r.Phase is ReplicaPhase.Unschedulable)?.Message ?? "";
        return p.TakesPlace ? (p, $"a replica of {p.To} waits for the place that one of {p.From} gives: {message}")
            : seen.Required is not { } required ? (p, $"a replica of {p.To} finds no place, and how many {p.From} can spare is not known: {message}")
            : seen.Replicas - 1 < Math.Max(1, required) ? (p, $"a replica of {p.To} finds no place, and {p.From} can spare none within the SLO: {message}")
            : (p with { TakesPlace = true }, null);
    }

    /// <summary>Why the new revision cannot run, whatever is measured; null: it can, or may yet.</summary>
    private static string? Broken(RolloutProgress p, RolloutObservation seen, DateTimeOffset now)
    {
        var message = seen.Live(p.To).Where(static r => r.Phase is ReplicaPhase.Failed or ReplicaPhase.Starting).Select(static r => r.Message).FirstOrDefault(static m => m.Length > 0);
        var detail = message is null ? "" : $": {message}";
        var target = Math.Min(p.Grown, seen.Replicas);
        return p.Falls.FirstOrDefault(static fallen => fallen.Value > FallsMax) is { Key: { } name, Value: var falls } ? $"its replica {name} went down {falls} times after it was ready{detail}"
            : p.FailingSince is { } failing && now - failing >= seen.Rules.FailingMax ? $"its replica keeps ending{detail}"
            : p.PlacelessSince is null && seen.Ready(p.To) < target && now - p.MovedAt >= seen.Rules.ReadyWithin ? $"no replica more of it became ready within {seen.Rules.ReadyWithin}{detail}"
            : null;
    }

    /// <summary>Takes in what is seen of the side that grows, and the block.</summary>
    private static RolloutProgress Look(RolloutProgress p, RevisionName growing, RolloutObservation seen, DateTimeOffset now)
    {
        var live = seen.Live(growing).ToList();
        var ready = live.Where(static r => r.Phase is ReplicaPhase.Ready).Select(static r => r.Name).ToImmutableSortedSet(StringComparer.Ordinal);
        var fell = live.Where(r => r.Phase is ReplicaPhase.Failed or ReplicaPhase.Starting && p.WereReady.Contains(r.Name)).Select(static r => r.Name);
        var isWhole = ready.Count >= Math.Min(p.Grown, seen.Replicas);
        var isMore = ready.Count > p.MostReady;
        var isPlaceless = live.Any(static r => r.Phase is ReplicaPhase.Unschedulable);
        return p with
        {
            Evidence = seen.Block is { } block && growing == p.To ? p.Evidence.After(block, seen.Rules, seen.Reach) : p.Evidence,
            FirstReadyAt = p.FirstReadyAt ?? (ready.IsEmpty || growing != p.To ? null : now),
            MostReady = Math.Max(p.MostReady, ready.Count),
            Grown = Math.Max(p.Grown, ready.Count),

            // Time without a place, or with nothing wanted, is no time to get ready in.
            MovedAt = isMore || isPlaceless || live.Count == 0 || isWhole ? now : p.MovedAt,
            PlacelessSince = isPlaceless ? p.PlacelessSince ?? now : null,
            QuietSince = seen.IsQuiet && seen.MetricsKnown && (!ready.IsEmpty || seen.Replicas == 0) ? p.QuietSince ?? now : null,
            FailingSince = !isWhole && live.Any(static r => r.Phase is ReplicaPhase.Failed) ? p.FailingSince ?? now : null,
            Falls = fell.Aggregate(p.Falls, static (falls, name) => falls.SetItem(name, falls.GetValueOrDefault(name) + 1)),
            WereReady = ready,
        };
    }

    private static string Passed(RolloutProgress p) => p.Evidence.Missing(new RolloutRules { MissesAllowed = null }) is null
        ? $"it was no worse in {p.Evidence.Errors.Blocks} blocks of time with {p.Evidence.Errors.Total.NewCount:0} requests"
        : p.QuietSince is { } quiet ? $"it took over because its replicas were ready and nobody had asked for anything since {quiet:u}: nothing was compared"
        : "it took over with little to compare";

    private static RolloutPlan One(RolloutState.Stable stable, RolloutObservation seen, string reason = "", bool needsPerson = false) =>
        new(stable, new([new(stable.Serving, seen.Replicas)]), reason, needsPerson);
}
