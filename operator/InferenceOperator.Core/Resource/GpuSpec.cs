namespace InferenceOperator.Core.Resource;

/// <summary>Accelerators of one replica.</summary>
public sealed record GpuSpec
{
    /// <summary>GPUs per replica; 0: the CPU.</summary>
    public int Count { get; init; }

    /// <summary>Kubernetes' name of the device, a MIG profile's for example.</summary>
    public string Resource { get; init; } = "nvidia.com/gpu";

    /// <summary>What has to run the model: a replica that lacks it does not serve; null: the best that is there.</summary>
    public GpuProvider? Provider { get; init; }

    /// <summary>Percent of the model's time that has to be on the GPU, 1 to 100: a replica with less does not serve; null: any.</summary>
    public int? MinAcceleratedShare { get; init; }
}
