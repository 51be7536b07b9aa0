using InferenceOperator.Core.Control;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Core.Planning;

/// <summary>What a back end is to run for one agent; says nothing of pods or processes.</summary>
public sealed record WorkloadPlan
{
    /// <summary>The resource, checked and defaulted.</summary>
    public required InferenceAgent Agent { get; init; }

    /// <summary>Replicas to run, at least 0.</summary>
    public required int Replicas { get; init; }

    public required ReplicaSettings Settings { get; init; }

    /// <summary>Batch limits and who answers, which each side of a roll-out gets beside what it was declared with.</summary>
    public required VariantChoice Choice { get; init; }

    /// <summary>The replicas by revision; null: all are of the one that the manifest asks for.</summary>
    public RolloutSides? Sides { get; init; }

    /// <summary>The plan that a control step asks for.</summary>
    public static WorkloadPlan For(InferenceAgent agent, ControlStep step) => new()
    {
        Agent = agent,
        Replicas = step.Replicas,
        Choice = step.Choice,
        Settings = ReplicaSettings.For(agent.Spec, step.Batching, step.Choice),
    };
}
