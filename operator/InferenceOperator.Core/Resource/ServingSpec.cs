namespace InferenceOperator.Core.Resource;

/// <summary>How a replica answers.</summary>
public sealed record ServingSpec
{
    public CacheSpec Cache { get; init; } = new();
}
