using System.Collections.Immutable;
using InferenceOperator.Core.Policy;

namespace InferenceOperator.Core.Resource;

/// <summary>What the operator reports. Holds timestamps, never ages; numbers that are not whole are strings of decimals.</summary>
public sealed record AgentStatus
{
    /// <summary>Most entries of <see cref="Decisions"/>; the oldest go first.</summary>
    public const int DecisionsMax = 10;

    /// <summary>Generation of the spec that this status speaks of.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>Replicas wanted now; what <c>/scale</c> shows.</summary>
    public int Replicas { get; init; }

    /// <summary>Replicas that answer requests.</summary>
    public int ReadyReplicas { get; init; }

    /// <summary>Label selector of the pods, for <c>/scale</c>.</summary>
    public string? Selector { get; init; }

    public ImmutableArray<StatusCondition> Conditions { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>Fields that count otherwise than declared.</summary>
    public ImmutableArray<PolicyEffect> Policies { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>Batch limits in force.</summary>
    public BatchingStatus? Batching { get; init; }

    /// <summary>The last measurement; kept, with its time, while there is no newer one.</summary>
    public ObservedStatus? Observed { get; init; }

    /// <summary>The fitted service time; a restarted operator goes on from it.</summary>
    public FitStatus? Model { get; init; }

    public ServingStatus? Serving { get; init; }

    public AcceleratorStatus? Accelerator { get; init; }

    /// <summary>Fits of the variants that the operator may choose and has measured, by name.</summary>
    public ImmutableArray<VariantStatus> Variants { get => field.IsDefault ? [] : field; init; } = [];

    public CostStatus? Cost { get; init; }

    /// <summary>The roll-out that is going on, or how the last one ended; null: there never was one.</summary>
    public RolloutStatus? Rollout { get; init; }

    /// <summary>The latest changes, newest first.</summary>
    public ImmutableArray<DecisionStatus> Decisions { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>When this status was last written.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}
