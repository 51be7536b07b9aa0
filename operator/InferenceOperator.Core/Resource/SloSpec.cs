namespace InferenceOperator.Core.Resource;

/// <summary>The objectives.</summary>
public sealed record SloSpec
{
    public required LatencySloSpec Latency { get; init; }
}
