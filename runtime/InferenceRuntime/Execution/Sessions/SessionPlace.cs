namespace InferenceRuntime.Execution.Sessions;

/// <summary>Where a session runs.</summary>
internal abstract record SessionPlace
{
    private SessionPlace()
    {
    }

    /// <summary>ONNX Runtime's name of the provider.</summary>
    public abstract string Provider { get; }

    /// <summary>The arenas that give memory back when they are told to, as <c>memory.enable_memory_arena_shrinkage</c> wants them.</summary>
    public abstract string Arenas { get; }

    /// <summary>The processor.</summary>
    public sealed record Cpu : SessionPlace
    {
        /// <inheritdoc/>
        public override string Provider => OnnxRuntimeLibrary.CpuProvider;

        /// <inheritdoc/>
        public override string Arenas => "cpu:0";
    }

    /// <summary>A GPU.</summary>
    /// <param name="Device">CUDA's number of it.</param>
    /// <param name="Cuda">What is said to the CUDA provider.</param>
    /// <param name="TensorRt">What is said to TensorRT's, which goes first; null: it is not used.</param>
    public sealed record Gpu(int Device, Dictionary<string, string> Cuda, Dictionary<string, string>? TensorRt) : SessionPlace
    {
        /// <inheritdoc/>
        public override string Provider => TensorRt is null ? OnnxRuntimeLibrary.CudaProvider : OnnxRuntimeLibrary.TensorRtProvider;

        /// <inheritdoc/>
        public override string Arenas => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"cpu:0;gpu:{Device}");
    }
}
