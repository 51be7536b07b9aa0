using System.Collections.Immutable;
using InferenceRuntime.Execution.Devices;

namespace InferenceRuntime.Execution.Providers;

/// <summary>What a model is to run by.</summary>
internal abstract record ProviderChoice
{
    private ProviderChoice()
    {
    }

    /// <summary>The processor.</summary>
    /// <param name="Reason">Why no accelerator, one line.</param>
    public sealed record Cpu(string Reason) : ProviderChoice;

    /// <summary>CUDA.</summary>
    /// <param name="Devices">At least one.</param>
    public sealed record Cuda(ImmutableArray<ComputeDevice> Devices) : ProviderChoice;

    /// <summary>TensorRT, and CUDA for what TensorRT does not take.</summary>
    /// <param name="Devices">At least one.</param>
    public sealed record TensorRt(ImmutableArray<ComputeDevice> Devices) : ProviderChoice;

    /// <summary>What was demanded is not there.</summary>
    /// <param name="Reason">What is missing and where it was looked for.</param>
    public sealed record Refused(string Reason) : ProviderChoice;
}
