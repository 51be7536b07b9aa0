namespace InferenceOperator.Core.Control;

/// <summary>The rule that decided; a closed set.</summary>
public enum DecisionRule
{
    /// <summary>All is as it should be.</summary>
    Hold,

    /// <summary>The first decision of this controller: what runs, or what the manifest asks for.</summary>
    Start,

    /// <summary>Traffic is not known; what runs stays.</summary>
    HoldUnknown,

    /// <summary>The batch limit moves; replicas stay.</summary>
    Batch,

    /// <summary>Another variant answers; replicas stay.</summary>
    Variant,

    /// <summary>More replicas, at once.</summary>
    ScaleUp,

    /// <summary>More replicas than the model asks for: the error budget burns.</summary>
    BurnRate,

    /// <summary>Fewer replicas, after the window and predicted safe.</summary>
    ScaleDown,

    /// <summary>Fewer are needed, a guard rail holds them.</summary>
    HoldDown,

    /// <summary>No replica runs, and no request waits for one.</summary>
    Asleep,

    /// <summary>No replica runs and a request waits: one is started.</summary>
    Wake,

    /// <summary>Replicas come from <c>scaling.replicas</c>.</summary>
    External,

    /// <summary>What ran was outside the manifest's bounds.</summary>
    Bounds,

    /// <summary>More replicas are wanted than there are GPUs for.</summary>
    Scarcity,
}
