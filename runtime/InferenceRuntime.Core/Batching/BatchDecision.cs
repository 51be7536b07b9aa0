namespace InferenceRuntime.Core.Batching;

/// <summary>What a free slot does next.</summary>
/// <param name="Kind">Which of the three.</param>
/// <param name="Until">For <see cref="BatchDecisionKind.WaitUntil"/>: the timestamp at which to ask again at the latest.</param>
public readonly record struct BatchDecision(BatchDecisionKind Kind, long Until)
{
    /// <summary>The batch is closed: execute it.</summary>
    public static BatchDecision Close => new(BatchDecisionKind.Close, 0);

    /// <summary>Nothing waits.</summary>
    public static BatchDecision WaitForWork => new(BatchDecisionKind.WaitForWork, long.MaxValue);

    /// <summary>Requests wait for company until <paramref name="timestamp"/>.</summary>
    public static BatchDecision WaitUntil(long timestamp) => new(BatchDecisionKind.WaitUntil, timestamp);
}
