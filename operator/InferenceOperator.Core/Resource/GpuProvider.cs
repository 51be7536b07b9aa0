namespace InferenceOperator.Core.Resource;

/// <summary>What can be demanded of a replica with GPUs.</summary>
public enum GpuProvider
{
    CUDA,
    TensorRT,
}
