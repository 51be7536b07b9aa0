namespace InferenceRuntime.Execution.Providers;

/// <summary>Which providers this process could load.</summary>
/// <param name="CudaLack">What CUDA lacks and where it was looked for; null: nothing.</param>
/// <param name="TensorRtLack">What TensorRT lacks beside that; null: nothing.</param>
internal sealed record ProviderPresence(string? CudaLack, string? TensorRtLack);
