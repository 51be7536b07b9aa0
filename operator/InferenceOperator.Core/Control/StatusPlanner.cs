using System.Collections.Immutable;
using System.Globalization;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Core.Control;

/// <summary>What status says, and when it is worth writing.</summary>
public static class StatusPlanner
{
    /// <summary>Shortest time between two writes that only bring newer numbers.</summary>
    public static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(30);

    /// <summary>Errors of a rejected manifest that its condition names; the others are counted.</summary>
    private const int ErrorsShown = 5;

    /// <summary>The status after a control step.</summary>
    /// <param name="agent">The resource; its status is what was last written.</param>
    /// <param name="step">The step just taken.</param>
    /// <param name="workload">What runs, as it was given to the step.</param>
    /// <param name="now">The time (UTC).</param>
    /// <param name="rollout">Where its revisions stand; null: it has one only.</param>
    public static AgentStatus Plan(InferenceAgent agent, ControlStep step, WorkloadObservation workload, DateTimeOffset now, RolloutPlan? rollout = null)
    {
        var previous = agent.Status ?? new AgentStatus();
        return new AgentStatus
        {
            ObservedGeneration = agent.Metadata.Generation,
            Replicas = step.Replicas,
            ReadyReplicas = workload.Replicas.Count(r => r.Phase == ReplicaPhase.Ready),
            Selector = workload.Selector ?? previous.Selector,
            Policies = agent.Policies,
            Conditions = Settle(previous.Conditions, ConditionPlanner.Plan(agent, step, workload, rollout), agent.Metadata.Generation, now),
            Batching = new BatchingStatus { MaxSize = step.Batching.MaxSize, MaxDelay = step.Batching.MaxDelay },
            Observed = Observed(agent, step) ?? previous.Observed,
            Model = step.Fit ?? previous.Model,
            Serving = Serving(agent, step, workload) ?? previous.Serving,
            Accelerator = Accelerator(workload) ?? previous.Accelerator,
            Variants = step.VariantFits,
            Cost = Cost(step),
            Rollout = rollout is null ? previous.Rollout : RolloutReport.Of(rollout),
            Decisions = Decisions(previous.Decisions, step.Decision),
            UpdatedAt = now,
        };
    }

    /// <summary>The status of a manifest that is not accepted; what served before goes on and stays shown.</summary>
    /// <param name="generation">Generation of the rejected spec.</param>
    /// <param name="previous">What was last written; null: nothing.</param>
    /// <param name="errors">At least one.</param>
    /// <param name="now">The time (UTC).</param>
    public static AgentStatus Rejected(long generation, AgentStatus? previous, ImmutableArray<FieldError> errors, DateTimeOffset now)
    {
        previous ??= new AgentStatus();
        var more = errors.Length > ErrorsShown ? $"; and {errors.Length - ErrorsShown} more" : "";
        var message = string.Join("; ", errors.Take(ErrorsShown)) + more;
        var stands = previous.ReadyReplicas > 0;
        StatusCondition[] changed =
        [
            ConditionPlanner.Of(ConditionTypes.Ready, stands, stands ? "PreviousServes" : "InvalidSpec", stands ? $"the previous version goes on serving; {message}" : message),
            ConditionPlanner.Of(ConditionTypes.ModelAccepted, false, "InvalidSpec", message),
            ConditionPlanner.Of(ConditionTypes.Reconciling, false, "InvalidSpec", "waits for a manifest that is accepted"),
            ConditionPlanner.Of(ConditionTypes.Stalled, true, "InvalidSpec", message),
        ];
        var kept = previous.Conditions.Where(old => changed.All(c => c.Type != old.Type));
        return previous with
        {
            ObservedGeneration = generation,
            Conditions = Settle(previous.Conditions, [.. kept.Concat(changed).OrderBy(c => Order(c.Type))], generation, now),
            UpdatedAt = now,
        };
    }

    /// <summary>True when a condition, a decision, the replicas or the generation changed, or when the last write is 30 s old and anything changed.</summary>
    public static bool IsWorthWriting(AgentStatus? written, AgentStatus next, DateTimeOffset now)
    {
        if (written is null
            || written.ObservedGeneration != next.ObservedGeneration
            || written.Replicas != next.Replicas
            || written.ReadyReplicas != next.ReadyReplicas
            || written.Selector != next.Selector
            || !written.Policies.SequenceEqual(next.Policies)
            || written.Batching != next.Batching
            || (written.Serving?.Variant, written.Serving?.Burst) != (next.Serving?.Variant, next.Serving?.Burst)
            || (next.Rollout is null ? written.Rollout is not null : next.Rollout.IsNewsTo(written.Rollout))
            || written.Accelerator != next.Accelerator
            || !written.Decisions.SequenceEqual(next.Decisions)
            || !written.Conditions.Select(Essence).SequenceEqual(next.Conditions.Select(Essence)))
        {
            return true;
        }

        // What lies ahead was written by a clock that was set back since.
        var isDue = written.UpdatedAt is not { } at || now - at >= WriteInterval || at > now;
        return isDue && (Numbers(written) != Numbers(next) || !written.Variants.SequenceEqual(next.Variants) || !written.Conditions.SequenceEqual(next.Conditions));
    }

    private static (string Type, ConditionState Status, string Reason) Essence(StatusCondition c) => (c.Type, c.Status, c.Reason);

    private static AgentStatus Numbers(AgentStatus status) => status with { UpdatedAt = null, Conditions = [], Decisions = [], Variants = [], Policies = [] };

    private static int Order(string type) => ConditionTypes.All.IndexOf(type);

    private static int IndexOf(this IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == name)
            {
                return i;
            }
        }

        return names.Count;
    }

    /// <summary>Gives each condition its generation, and the time of its last change of status.</summary>
    private static ImmutableArray<StatusCondition> Settle(ImmutableArray<StatusCondition> before, ImmutableArray<StatusCondition> next, long generation, DateTimeOffset now) =>
    [
        .. next.Select(c => c with
        {
            ObservedGeneration = generation,
            LastTransitionTime = before.FirstOrDefault(b => b.Type == c.Type) is { } old && old.Status == c.Status ? old.LastTransitionTime : now,
        }),
    ];

    private static ObservedStatus? Observed(InferenceAgent agent, ControlStep step)
    {
        if (step.Measurement.SampledAt is not { } at)
        {
            return null;
        }

        return step.Measurement switch
        {
            Measurement.Idle => new ObservedStatus { At = at },
            Measurement.Measured { Traffic: var t } => new ObservedStatus
            {
                Rate = t.Long.RequestRate.ToString("0.##", CultureInfo.InvariantCulture),
                P50 = t.P50Seconds is { } p50 ? Duration.FromSecondsRounded(p50) : null,
                P99 = t.P99Seconds is { } p99 ? Duration.FromSecondsRounded(p99) : null,
                SloAttainment = agent.Spec.Slo is null ? null : (t.Long.Attainment * 100)?.ToString("0.###", CultureInfo.InvariantCulture),
                At = at,
            },
            _ => null,
        };
    }

    private static CostStatus? Cost(ControlStep step) => step.Decision.Basis.ReplicaPrice is { } price
        ? new CostStatus
        {
            PerReplicaHour = price.ToString("0.####", CultureInfo.InvariantCulture),
            PerHour = (price * step.Replicas).ToString("0.####", CultureInfo.InvariantCulture),
        }
        : null;

    private static ServingStatus? Serving(InferenceAgent agent, ControlStep step, WorkloadObservation workload) =>
        workload.Replicas.Any(r => r.Phase == ReplicaPhase.Ready)
            ? new ServingStatus
            {
                Sha256 = workload.ServingSha256 ?? agent.Spec.Model.Sha256,
                Quantization = agent.Spec.Quantization.Level,
                Variant = step.Choice.Steady,
                Burst = step.Choice.Burst,
                Reason = step.Choice.Burst is { } burst ? $"{burst} answers while replicas start"
                    : step.Choice.Steady == VariantShares.Full ? "the model as declared" : $"{step.Choice.Steady} holds the SLO for less",
            }
            : null;

    private static AcceleratorStatus? Accelerator(WorkloadObservation workload)
    {
        const string ending = "ExecutionProvider";
        return workload.Provider is { } provider
            ? new AcceleratorStatus
            {
                Provider = provider.EndsWith(ending, StringComparison.Ordinal) ? provider[..^ending.Length] : provider,
                OnAccelerator = provider == WorkloadObservation.CpuProvider ? "0" : null,
            }
            : null;
    }

    private static ImmutableArray<DecisionStatus> Decisions(ImmutableArray<DecisionStatus> before, DecisionRecord record)
    {
        var entry = new DecisionStatus
        {
            At = record.At,
            Rule = record.Rule.ToString(),
            Reason = record.Reason,
            Replicas = record.Proposed.Replicas,
            MaxBatch = record.Proposed.Batching.MaxSize,
            Variant = record.Proposed.Choice.Answers,
            Applied = record.Applied == record.Proposed,
        };
        var isNews = before.IsEmpty || before[0].Replicas != entry.Replicas || before[0].MaxBatch != entry.MaxBatch || before[0].Variant != entry.Variant || before[0].Applied != entry.Applied;
        return record.Mode == ScalingMode.Observe || !isNews ? before : [entry, .. before.Take(AgentStatus.DecisionsMax - 1)];
    }
}
