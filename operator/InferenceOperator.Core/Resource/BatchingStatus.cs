namespace InferenceOperator.Core.Resource;

/// <summary>Batch limits in force.</summary>
public sealed record BatchingStatus
{
    /// <summary>Most rows in one execution.</summary>
    public int MaxSize { get; init; }

    /// <summary>Longest wait for company.</summary>
    public Duration MaxDelay { get; init; }
}
