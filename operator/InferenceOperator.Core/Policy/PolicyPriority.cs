namespace InferenceOperator.Core.Policy;

/// <summary>Bounds of <c>slo.priority</c>; a value beyond them counts as the bound.</summary>
public sealed record PolicyPriority
{
    /// <summary>-1000 to 1000; null: none.</summary>
    public int? AtLeast { get; init; }

    /// <summary>-1000 to 1000; null: none.</summary>
    public int? AtMost { get; init; }
}
