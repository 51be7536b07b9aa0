namespace InferenceRuntime.Execution.Providers;

/// <summary>What ONNX Runtime can be told to run a model by.</summary>
internal enum ExecutionProvider
{
    Cpu,
    Cuda,
    TensorRt,
}
