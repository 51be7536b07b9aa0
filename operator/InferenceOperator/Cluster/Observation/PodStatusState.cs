using System.Collections.Immutable;

namespace InferenceOperator.Cluster.Observation;

/// <summary>The part of a Pod's status that the operator looks at.</summary>
internal sealed record PodStatusState
{
    public string? Phase { get; set; }
    public string? Reason { get; set; }
    public string? Message { get; set; }
    public string? PodIP { get; set; }
    public ImmutableArray<ObjectCondition> Conditions { get; set; } = [];
    public ImmutableArray<ContainerState> InitContainerStatuses { get; set; } = [];
    public ImmutableArray<ContainerState> ContainerStatuses { get; set; } = [];

    /// <summary>The condition of this type; null without it.</summary>
    public ObjectCondition? Condition(string type) => Conditions.IsDefault ? null : Conditions.FirstOrDefault(c => c.Type == type);
}
