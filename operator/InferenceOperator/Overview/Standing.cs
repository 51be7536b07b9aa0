using System.Collections.Immutable;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Overview;

/// <summary>What an agent's status comes to.</summary>
/// <param name="Slo">In one word.</param>
/// <param name="Why">One sentence.</param>
/// <param name="Since">Since when (UTC); null: not known.</param>
/// <param name="Wrong">What else is not as it should be.</param>
internal sealed record Standing(SloStanding Slo, string Why, DateTimeOffset? Since, ImmutableArray<Concern> Wrong)
{
    /// <summary>Traffic that was last measured so long ago says nothing of now: a running operator has newer figures written by then, however alike they are.</summary>
    public static readonly TimeSpan StaleAfter = StatusPlanner.WordingInterval + TimeSpan.FromMinutes(2);

    /// <summary>True when a person should look.</summary>
    public bool NeedsAttention => Slo is SloStanding.Missed or SloStanding.Down or SloStanding.Unknown || !Wrong.IsEmpty;

    /// <param name="status">As it stands in the resource; null: none, or none that this release can read.</param>
    /// <param name="generation">Of the spec.</param>
    /// <param name="now">The time (UTC).</param>
    public static Standing Of(AgentStatus? status, long generation, DateTimeOffset now)
    {
        if (status is null)
        {
            return new(SloStanding.Unknown, "no operator has looked after it yet, or its status is not one that this release can read", null, []);
        }

        var (slo, why, from) = Headline(status, now);
        var wrong = status.Conditions.Where(condition => condition != from && IsWrong(condition)).Select(Concern.Of);
        if (status.ObservedGeneration < generation && from is not { Status: ConditionState.Unknown, Type: ConditionTypes.Ready })
        {
            wrong = wrong.Append(new("Spec", "behind", "NotTakenYet", $"this is about generation {status.ObservedGeneration}; the operator has not taken generation {generation} yet", null));
        }

        return new(slo, why, from is null ? null : Concern.Since(from), [.. wrong]);
    }

    private static (SloStanding Slo, string Why, StatusCondition? From) Headline(AgentStatus status, DateTimeOffset now)
    {
        if (Find(status, ConditionTypes.Ready) is not { } ready)
        {
            return (SloStanding.Unknown, "its status does not say whether it is ready", null);
        }

        if (ready.Status is not ConditionState.True)
        {
            return (ready.Status is ConditionState.False ? SloStanding.Down : SloStanding.Unknown, ready.Message, ready);
        }

        if (Find(status, ConditionTypes.SloMet) is not { } met)
        {
            return (SloStanding.Unknown, "its status does not say whether the SLO is met", null);
        }

        return met switch
        {
            { Reason: "NoSLO" } => (SloStanding.Undeclared, met.Message, met),
            { Status: ConditionState.Unknown } when status.Replicas == 0 => (SloStanding.Idle, ready.Message, ready),
            { Status: ConditionState.Unknown, Reason: "Idle" or "NoRequestCounted" } => (SloStanding.Idle, met.Message, met),
            { Status: ConditionState.Unknown } => (SloStanding.Unknown, Find(status, ConditionTypes.MetricsAvailable) is { Message.Length: > 0 } metrics ? metrics.Message : met.Message, met),
            _ when status.Observed is { Rate: not "0" } seen && now - seen.At > StaleAfter => (SloStanding.Unknown, $"its traffic was last measured {OverviewFigures.Age(now - seen.At)} ago: does the operator run?", null),
            { Status: ConditionState.True } => (SloStanding.Held, met.Message, met),
            _ => (SloStanding.Missed, met.Message, met),
        };
    }

    /// <summary>All conditions are positive but kstatus's two, of which Reconciling is no fault; those that a newer operator adds are too.</summary>
    private static bool IsWrong(StatusCondition condition) => condition.Type switch
    {
        ConditionTypes.Reconciling => false,
        ConditionTypes.Stalled => condition.Status is ConditionState.True,
        ConditionTypes.ScalingAsDeclared => condition.Status is not ConditionState.True,
        _ => condition.Status is ConditionState.False,
    };

    private static StatusCondition? Find(AgentStatus status, string type) => status.Conditions.FirstOrDefault(condition => condition.Type == type);
}
