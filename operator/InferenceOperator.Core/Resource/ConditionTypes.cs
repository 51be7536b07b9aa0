namespace InferenceOperator.Core.Resource;

/// <summary>The conditions of an agent, a closed set. All are positive but kstatus's two.</summary>
public static class ConditionTypes
{
    /// <summary>Requests are answered. Does not flip because metrics are missing.</summary>
    public const string Ready = "Ready";

    /// <summary>The SLO is held; Unknown without traffic, measurement or SLO.</summary>
    public const string SloMet = "SLOMet";

    /// <summary>The SLO can be held by this model on these replicas at all.</summary>
    public const string SloFeasible = "SLOFeasible";

    /// <summary>The operator sees what happens.</summary>
    public const string MetricsAvailable = "MetricsAvailable";

    /// <summary>The manifest and the model file are good.</summary>
    public const string ModelAccepted = "ModelAccepted";

    /// <summary>The replicas that are wanted find room.</summary>
    public const string CapacityAvailable = "CapacityAvailable";

    /// <summary>Replicas run as the manifest says: none fails, and the model is on the accelerator that it asks for.</summary>
    public const string ReplicasAsDeclared = "ReplicasAsDeclared";

    /// <summary>Replicas are moved as the manifest says: nobody else writes their number, and minReplicas can be reached.</summary>
    public const string ScalingAsDeclared = "ScalingAsDeclared";

    /// <summary>kstatus: work towards the spec is going on.</summary>
    public const string Reconciling = "Reconciling";

    /// <summary>kstatus: no progress without a change from outside.</summary>
    public const string Stalled = "Stalled";

    /// <summary>In the order in which status shows them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Ready, SloMet, SloFeasible, MetricsAvailable, ModelAccepted, CapacityAvailable, ReplicasAsDeclared, ScalingAsDeclared, Reconciling, Stalled];
}
