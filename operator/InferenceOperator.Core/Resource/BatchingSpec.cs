namespace InferenceOperator.Core.Resource;

/// <summary>Bounds within which the operator sets the batch limits.</summary>
public sealed record BatchingSpec
{
    /// <summary>Most rows in one execution, 1 to 4,096.</summary>
    public int MaxSize { get; init; } = 64;

    /// <summary>Longest a request may wait for company while a slot is free; shortened when the SLO leaves less. 0 to 10 s.</summary>
    public Duration MaxDelay { get; init; }
}
