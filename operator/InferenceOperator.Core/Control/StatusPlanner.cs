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
    /// <summary>Shortest time between two writes that only bring other figures.</summary>
    public static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(30);

    /// <summary>The same where they are others by no more than they vary while nothing changes.</summary>
    public static readonly TimeSpan WordingInterval = TimeSpan.FromMinutes(10);

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
            Conditions = Settle(previous.Conditions, Unmeasured(previous, step, ConditionPlanner.Plan(agent, step, workload, rollout)), agent.Metadata.Generation, now),
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

    /// <summary>Whether the status is to be written now.</summary>
    /// <param name="written">What was last written; null: nothing.</param>
    /// <param name="next">What would be written.</param>
    /// <param name="now">The time (UTC).</param>
    public static bool IsWorthWriting(AgentStatus? written, AgentStatus next, DateTimeOffset now) =>
        // What lies ahead was written by a clock that was set back since.
        NewsIn(written, next) is var news && news is not StatusNews.None && (written?.UpdatedAt is not { } at || now - at >= Patience(news) || at > now);

    /// <summary>What it says that the one written before does not. Times alone are no news, but for that of the newest measurement of traffic.</summary>
    /// <param name="written">What was last written; null: nothing.</param>
    /// <param name="next">What would be written.</param>
    public static StatusNews NewsIn(AgentStatus? written, AgentStatus next)
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
            return StatusNews.Change;
        }

        return StatusFigures.Differ(written.Observed, next.Observed)
            || StatusFigures.Differ(written.Model, next.Model)
            || !written.Variants.Select(static v => v.Name).SequenceEqual(next.Variants.Select(static v => v.Name))
            || written.Variants.Zip(next.Variants).Any(static v => StatusFigures.Differ(v.First.Model, v.Second.Model))
            || written.Serving != next.Serving
            || written.Cost != next.Cost
            || written.Rollout != next.Rollout
            || !written.Conditions.Select(Worded).SequenceEqual(next.Conditions.Select(Worded))
                ? StatusNews.Figures
            : Timeless(written.Observed) != Timeless(next.Observed) || !written.Conditions.SequenceEqual(next.Conditions)
                ? StatusNews.Wording
            : StatusNews.None;
    }

    /// <summary>Shortest time between two writes that bring no more than this.</summary>
    private static TimeSpan Patience(StatusNews news) => news switch
    {
        StatusNews.Change => TimeSpan.Zero,
        StatusNews.Figures => WriteInterval,
        _ => WordingInterval,
    };

    private static (string Type, ConditionState Status, string Reason) Essence(StatusCondition c) => (c.Type, c.Status, c.Reason);

    private static string Worded(StatusCondition c) => StatusFigures.Worded(c.Message);

    // While there is traffic, readers tell from the time of its last measurement that somebody looks.
    private static ObservedStatus? Timeless(ObservedStatus? observed) => observed is { Rate: "0" } ? observed with { At = default } : observed;

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

    /// <summary>That an operator has just begun is no news of the agent: what rests on measurements stays as the one before it said.</summary>
    private static ImmutableArray<StatusCondition> Unmeasured(AgentStatus previous, ControlStep step, ImmutableArray<StatusCondition> next)
    {
        var said = previous.Conditions.FirstOrDefault(static c => c.Type == ConditionTypes.MetricsAvailable);
        return step is { IsNew: true, Measurement: Measurement.Unknown { Reason: not UnknownReason.NoReadyReplica } } && said is not (null or { Reason: nameof(UnknownReason.NoReadyReplica) })
            ? [.. next.Select(c => c.Type is ConditionTypes.MetricsAvailable or ConditionTypes.SloMet ? previous.Conditions.FirstOrDefault(old => old.Type == c.Type) ?? c : c)]
            : next;
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

    private static AcceleratorStatus? Accelerator(WorkloadObservation workload) => workload.Placement is { } placement
        ? new AcceleratorStatus
        {
            Provider = Shown(placement.Provider),
            OnAccelerator = Percent(placement),
            Variants = placement.Variants.IsEmpty
                ? null
                : [.. placement.Variants.Select(static variant => new VariantAccelerator { Name = variant.Key, Provider = Shown(variant.Value.Provider), OnAccelerator = Percent(variant.Value) })],
        }
        : null;

    private static string Shown(string provider)
    {
        const string ending = "ExecutionProvider";
        return provider switch
        {
            "TensorrtExecutionProvider" => nameof(GpuProvider.TensorRT),
            _ => provider.EndsWith(ending, StringComparison.Ordinal) ? provider[..^ending.Length] : provider,
        };
    }

    private static string? Percent(ModelPlacement placement) =>
        (placement.Provider == ModelPlacement.CpuProvider ? 0 : placement.TimeShare * 100)?.ToString("0.#", CultureInfo.InvariantCulture);

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
