namespace InferenceOperator.Core.Resource;

/// <summary>One condition in the form of the Kubernetes API conventions.</summary>
public sealed record StatusCondition
{
    /// <summary>One of <see cref="ConditionTypes"/>.</summary>
    public required string Type { get; init; }

    public required ConditionState Status { get; init; }

    /// <summary>One word in CamelCase for programs.</summary>
    public required string Reason { get; init; }

    /// <summary>One sentence for people.</summary>
    public string Message { get => field ?? ""; init; } = "";

    /// <summary>When <see cref="Status"/> last changed.</summary>
    public DateTimeOffset LastTransitionTime { get; init; }

    public long ObservedGeneration { get; init; }
}
