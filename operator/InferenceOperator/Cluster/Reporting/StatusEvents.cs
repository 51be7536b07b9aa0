using System.Collections.Immutable;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Events;

namespace InferenceOperator.Cluster.Reporting;

/// <summary>Events for what really changed between two statuses: conditions that went bad or came back, and decisions.</summary>
internal sealed class StatusEvents(EventRecorder recorder)
{
    /// <summary>Conditions of which people want to hear, and the state that is bad.</summary>
    private static readonly ImmutableArray<(string Type, ConditionState Bad)> Told =
    [
        (ConditionTypes.Ready, ConditionState.False),
        (ConditionTypes.SloMet, ConditionState.False),
        (ConditionTypes.SloFeasible, ConditionState.False),
        (ConditionTypes.ModelAccepted, ConditionState.False),
        (ConditionTypes.CapacityAvailable, ConditionState.False),
        (ConditionTypes.ReplicasAsDeclared, ConditionState.False),
        (ConditionTypes.ScalingAsDeclared, ConditionState.False),
        (ConditionTypes.MetricsAvailable, ConditionState.False),
        (ConditionTypes.Stalled, ConditionState.True),
    ];

    /// <summary>Records the events; they are written later, in the background.</summary>
    public void Tell(ObjectKey key, string uid, AgentStatus? before, AgentStatus after)
    {
        var agent = new ObjectReference(ClusterView.Agents.GroupVersionKind, key, uid);
        foreach (var (severity, reason, message) in Between(before, after))
        {
            recorder.Record(agent, severity, reason, message);
        }
    }

    /// <summary>What is to be told. Pure.</summary>
    internal static IEnumerable<(EventSeverity Severity, string Reason, string Message)> Between(AgentStatus? before, AgentStatus after)
    {
        foreach (var (type, bad) in Told)
        {
            var was = before?.Conditions.FirstOrDefault(c => c.Type == type);
            var condition = after.Conditions.FirstOrDefault(c => c.Type == type);
            if (condition is null || (was?.Status == condition.Status && was.Reason == condition.Reason))
            {
                continue;
            }

            if (condition.Status == bad)
            {
                // A new agent that is not ready yet is no news.
                if (was is { Status: not ConditionState.Unknown } || type != ConditionTypes.Ready)
                {
                    yield return (EventSeverity.Warning, condition.Reason, condition.Message);
                }
            }
            else if (was?.Status == bad && condition.Status != ConditionState.Unknown)
            {
                yield return (EventSeverity.Normal, type == ConditionTypes.Stalled ? "Resumed" : $"{type}Again", condition.Message);
            }
        }

        if (after.Rollout is { } rollout && rollout.IsNewsTo(before?.Rollout) && rollout.Phase is not RolloutPhase.RolledBack)
        {
            // One that was sent back stalls, and is told as that.
            yield return (EventSeverity.Normal, $"Rollout{rollout.Phase}", $"revision {rollout.From} -> {rollout.To}: {rollout.Reason}");
        }

        // By what they say, not by their times: those of another process may lie ahead.
        foreach (var decision in after.Decisions.TakeWhile(d => before is not { Decisions: [var newest, ..] } || d != newest).Reverse().Where(static d => d.Applied))
        {
            yield return (EventSeverity.Normal, decision.Rule, decision.Reason);
        }
    }
}
