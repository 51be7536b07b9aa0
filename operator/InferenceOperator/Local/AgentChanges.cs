using System.Globalization;
using InferenceOperator.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Local;

/// <summary>What a person wants to hear of one agent from one control step to the next, a line each.</summary>
internal static class AgentChanges
{
    /// <summary>The lines, without the agent's name. Pure.</summary>
    /// <param name="before">The step before, or null.</param>
    /// <param name="now">The present step.</param>
    public static IEnumerable<string> Between(AgentReport? before, AgentReport now)
    {
        foreach (var line in Replicas(before, now).Concat(Targets(before, now)).Concat(Rollouts(before, now)).Concat(Conditions(before, now)))
        {
            yield return line;
        }
    }

    private static IEnumerable<string> Replicas(AgentReport? before, AgentReport now)
    {
        var old = before?.Workload.Replicas ?? [];
        foreach (var replica in now.Workload.Replicas)
        {
            var last = old.FirstOrDefault(each => each.Name == replica.Name);
            if (last?.Phase != replica.Phase || (last.Message != replica.Message && replica.Message.Length > 0))
            {
                yield return $"replica {replica.Name} {Words(replica.Phase)}{(replica.Message.Length > 0 ? ": " + replica.Message : "")}";
            }
        }

        foreach (var gone in old.Where(each => now.Workload.Replicas.All(replica => replica.Name != each.Name)))
        {
            yield return $"replica {gone.Name} has ended";
        }
    }

    private static IEnumerable<string> Targets(AgentReport? before, AgentReport now)
    {
        var reason = now.Step.Decision.Reason;
        if (before?.Step.Replicas is { } replicas && replicas != now.Step.Replicas)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"replicas {replicas} -> {now.Step.Replicas}: {reason}");
        }

        if (before?.Step.Batching is { } batching && batching.MaxSize != now.Step.Batching.MaxSize)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"batch limit {batching.MaxSize} -> {now.Step.Batching.MaxSize}: {reason}");
        }
    }

    private static IEnumerable<string> Rollouts(AgentReport? before, AgentReport now)
    {
        if (now.Status.Rollout is { } rollout && rollout.IsNewsTo(before?.Status.Rollout))
        {
            yield return $"roll-out {rollout.From} -> {rollout.To}, {rollout.Phase}: {rollout.Reason}";
        }
    }

    // Reconciling goes with the replicas' own lines; Ready, the model and the SLO are what people wait for.
    private static IEnumerable<string> Conditions(AgentReport? before, AgentReport now)
    {
        foreach (var condition in now.Status.Conditions)
        {
            var last = before?.Status.Conditions.FirstOrDefault(each => each.Type == condition.Type);
            var isNews = last?.Status != condition.Status || (condition.Status is ConditionState.False && last.Reason != condition.Reason);
            if (isNews && IsWorthSaying(condition, last))
            {
                yield return $"{condition.Type} is {condition.Status}: {condition.Message}";
            }
        }
    }

    private static bool IsWorthSaying(StatusCondition condition, StatusCondition? last) => condition.Type switch
    {
        ConditionTypes.Ready or ConditionTypes.ModelAccepted or ConditionTypes.SloFeasible =>
            condition.Status is ConditionState.True || (condition.Status is ConditionState.False && (last is not null || condition.Type != ConditionTypes.Ready)),
        ConditionTypes.SloMet => condition.Status is not ConditionState.Unknown,
        ConditionTypes.CapacityAvailable or ConditionTypes.MetricsAvailable => condition.Status is ConditionState.False || last?.Status is ConditionState.False,
        _ => false,
    };

    private static string Words(ReplicaPhase phase) => phase switch
    {
        ReplicaPhase.Unschedulable => "finds no place",
        ReplicaPhase.Starting => "is starting",
        ReplicaPhase.Ready => "is ready",
        ReplicaPhase.Draining => "is draining",
        ReplicaPhase.Failed => "failed and is started again",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
