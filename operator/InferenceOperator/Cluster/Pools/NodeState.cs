using System.Collections.Immutable;
using InferenceOperator.Cluster.Observation;

namespace InferenceOperator.Cluster.Pools;

/// <summary>The part of a Node that the operator looks at.</summary>
internal sealed record NodeState
{
    public NodeSpecState Spec { get; set; } = new();
    public NodeStatusState Status { get; set; } = new();

    /// <summary>Whether new pods come here: not cordoned, and its kubelet is heard of.</summary>
    public bool TakesPods => !Spec.Unschedulable && (Status.Conditions.IsDefault ? null : Status.Conditions.FirstOrDefault(static c => c.Type == "Ready")) is { IsTrue: true };

    /// <summary>The part of its spec.</summary>
    internal sealed record NodeSpecState
    {
        public bool Unschedulable { get; set; }
    }

    /// <summary>The part of its status.</summary>
    internal sealed record NodeStatusState
    {
        public ImmutableSortedDictionary<string, string>? Allocatable { get; set; }
        public ImmutableArray<ObjectCondition> Conditions { get; set; } = [];
    }
}
