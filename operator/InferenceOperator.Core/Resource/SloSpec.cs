namespace InferenceOperator.Core.Resource;

/// <summary>The objectives.</summary>
public sealed record SloSpec
{
    public required LatencySloSpec Latency { get; init; }

    /// <summary>Who gives way when GPUs are scarce: the lower one. -1000 to 1000; an agent without an SLO has 0.</summary>
    public int Priority { get; init; }
}
