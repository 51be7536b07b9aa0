namespace InferenceOperator.Core.Resource;

/// <summary>How a replica uses its GPUs.</summary>
public sealed record ParallelismSpec
{
    public ParallelismMode Mode { get; init; }
}
