namespace InferenceRuntime.Contract;

/// <summary>Values of the label <c>provider</c>: by what a model runs.</summary>
public static class ProviderNames
{
    /// <summary>The processor.</summary>
    public const string Cpu = "CPU";

    /// <summary>CUDA.</summary>
    public const string Cuda = "CUDA";

    /// <summary>TensorRT, with CUDA for what it does not take.</summary>
    public const string TensorRt = "TensorRT";

    /// <summary>Any other.</summary>
    public const string Other = "other";

    /// <summary>The value for ONNX Runtime's name of a provider, such as <c>CUDAExecutionProvider</c>.</summary>
    public static string Of(string provider) => provider switch
    {
        "CPUExecutionProvider" => Cpu,
        "CUDAExecutionProvider" => Cuda,
        "TensorrtExecutionProvider" => TensorRt,
        _ => Other,
    };
}
