namespace InferenceOperator.Core.Resource;

/// <summary>Accelerators of one replica.</summary>
public sealed record GpuSpec
{
    /// <summary>GPUs per replica; 0: the CPU.</summary>
    public int Count { get; init; }

    /// <summary>Kubernetes' name of the device, a MIG profile's for example.</summary>
    public string Resource { get; init; } = "nvidia.com/gpu";
}
