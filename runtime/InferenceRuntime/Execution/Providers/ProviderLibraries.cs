using InferenceRuntime.Execution.Sessions;

namespace InferenceRuntime.Execution.Providers;

/// <summary>Finds out which providers this process could load, by loading what they need.</summary>
/// <remarks>ONNX Runtime's own complaint about a library that is missing names the first and no place; this names all.</remarks>
internal static class ProviderLibraries
{
    // What libonnxruntime_providers_cuda.so of ONNX Runtime 1.29 for CUDA 13 is linked against; cuDNN it loads by itself, when a node needs it.
    private static readonly string[] Cuda = ["libcuda.so.1", "libcudart.so.13", "libcublasLt.so.13", "libcublas.so.13", "libcurand.so.10", "libcudnn.so.9"];
    private static readonly string[] TensorRt = ["libnvinfer.so.10", "libnvonnxparser.so.10"];

    /// <summary>What is there. Loads the libraries of CUDA where the build has its provider.</summary>
    public static ProviderPresence Read(LibrarySearch search)
    {
        var built = OnnxRuntimeLibrary.Providers();
        var cuda = Lack(built, OnnxRuntimeLibrary.CudaProvider, "libonnxruntime_providers_cuda.so") ?? search.Lack(Cuda);
        var tensorRt = Lack(built, OnnxRuntimeLibrary.TensorRtProvider, "libonnxruntime_providers_tensorrt.so") ?? search.Lack(TensorRt);
        return new(cuda, tensorRt);
    }

    private static string? Lack(IReadOnlyCollection<string> built, string provider, string library)
    {
        if (!built.Contains(provider))
        {
            return $"this build of ONNX Runtime has no {provider} (it has {string.Join(", ", built)}): the image for CUDA has one";
        }

        // ONNX Runtime takes its providers' libraries from its own folder.
        return File.Exists(Path.Combine(AppContext.BaseDirectory, library)) ? null : $"{library} is not in {AppContext.BaseDirectory}";
    }
}
