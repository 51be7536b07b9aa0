namespace InferenceOperator.Core.Control;

/// <summary>What kept a decision from going further; a closed set.</summary>
public enum GuardRail
{
    /// <summary>minReplicas.</summary>
    MinReplicas,

    /// <summary>maxReplicas.</summary>
    MaxReplicas,

    /// <summary>The GPUs that are left to this agent.</summary>
    Scarcity,

    /// <summary>Traffic is unknown: never down.</summary>
    UnknownNeverDown,

    /// <summary>The controller started less than a scale-down window ago.</summary>
    StartWindow,

    /// <summary>More was needed within the scale-down window.</summary>
    ScaleDownWindow,

    /// <summary>The last replica goes only when it was proven idle all through the window and no request is inside the endpoint.</summary>
    IdleUnproven,

    /// <summary>With fewer replicas the predicted latency is too near the SLO.</summary>
    UnsafeDown,

    /// <summary>So many replicas may be on their way at once: scaleUp.maxStep, else three times those that serve.</summary>
    UpStep,

    /// <summary>So many replicas go per step: scaleDown.maxStep, else a quarter, at least one.</summary>
    DownStep,

    /// <summary>Requests in flight and latencies contradict each other by Little's law: the measurements are not believed for going down.</summary>
    MetricsDisagree,

    /// <summary>Replicas are still starting; none are taken away meanwhile.</summary>
    Transition,

    /// <summary>Many times more requests miss the SLO than may: replicas are added beyond the model, and none is taken away.</summary>
    BurnRate,

    /// <summary>The cheaper lever goes first: the batch limit moves, replicas wait a step.</summary>
    BatchFirst,

    /// <summary>The batch limit may not exceed twice the largest batch seen.</summary>
    BatchGrowth,

    /// <summary>A change of the batch limit is not worth it.</summary>
    BatchNotWorthwhile,

    /// <summary>The batch limit changed a moment ago.</summary>
    BatchDwell,

    /// <summary>The variant changed a moment ago, or traffic has not been known for long enough.</summary>
    VariantDwell,

    /// <summary>A slower variant would be cheaper, but needs more replicas than are ready.</summary>
    VariantNeedsReplicas,

    /// <summary>No variant that may answer while replicas start carries more than what answers now.</summary>
    BurstNotFaster,

    /// <summary>The forecast's growth is capped at doubling in 30 s.</summary>
    TrendCap,

    /// <summary>Observed latency is above the model's: capacity is trimmed.</summary>
    Trim,

    /// <summary>The SLO cannot be held; planned for the nearest that can.</summary>
    SloInfeasible,
}
