using InferenceOperator.Core.Control;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning;

/// <summary>What a back end is to run for one agent; says nothing of pods or processes.</summary>
public sealed record WorkloadPlan
{
    /// <summary>The resource, checked and defaulted.</summary>
    public required InferenceAgent Agent { get; init; }

    /// <summary>Replicas to run, at least 0.</summary>
    public required int Replicas { get; init; }

    public required ReplicaSettings Settings { get; init; }

    /// <summary>The plan that a control step asks for.</summary>
    public static WorkloadPlan For(InferenceAgent agent, ControlStep step) => new()
    {
        Agent = agent,
        Replicas = step.Replicas,
        Settings = ReplicaSettings.For(agent.Spec, step.Batching, step.Choice),
    };
}
