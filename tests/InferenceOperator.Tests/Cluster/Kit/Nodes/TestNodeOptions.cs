namespace InferenceOperator.Tests.Cluster.Kit.Nodes;

/// <summary>What a node has.</summary>
internal sealed record TestNodeOptions
{
    public string Name { get; init; } = "node-1";

    /// <summary>GPUs that pods may ask for; their processes run on the CPU.</summary>
    public int Gpus { get; init; }

    public string GpuResource { get; init; } = "nvidia.com/gpu";

    /// <summary>Folders behind volume claims, by name.</summary>
    public required IReadOnlyDictionary<string, string> Claims { get; init; }

    /// <summary>Takes what the pods print.</summary>
    public required Action<string> Log { get; init; }
}
