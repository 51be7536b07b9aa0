namespace InferenceOperator.Core.Scarcity;

/// <summary>Why one agent goes before another; a closed set, in the order in which it is named.</summary>
public enum RivalStanding
{
    /// <summary>Its replicas are not the operator's to choose.</summary>
    SetElsewhere,

    /// <summary>It has a higher priority.</summary>
    HigherPriority,

    /// <summary>Of equal priority, it gains more utility from a GPU, or holds it already and the other would not gain enough more.</summary>
    GainsMore,

    /// <summary>Of lower priority, it keeps its minimum.</summary>
    KeepsMinimum,
}
