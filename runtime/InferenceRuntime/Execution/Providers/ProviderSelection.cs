using System.Diagnostics;

namespace InferenceRuntime.Execution.Providers;

/// <summary>Chooses by what a model is run. A pure function: what is demanded is never replaced by something else.</summary>
internal static class ProviderSelection
{
    /// <param name="wish">What was asked for.</param>
    /// <param name="scene">What there is.</param>
    /// <param name="hasEngines">Whether TensorRT engines of this model lie ready; building them takes minutes, which only who demands TensorRT waits for.</param>
    public static ProviderChoice Choose(ProviderWish wish, AcceleratorScene scene, bool hasEngines)
    {
        var cuda = Together(scene.DeviceLack, scene.Presence.CudaLack);
        var tensorRt = Together(cuda, scene.Presence.TensorRtLack);
        return wish switch
        {
            ProviderWish.Auto when tensorRt is null && hasEngines => new ProviderChoice.TensorRt(scene.Devices),
            ProviderWish.Auto when cuda is null => new ProviderChoice.Cuda(scene.Devices),
            ProviderWish.Auto => new ProviderChoice.Cpu(cuda!), // The case above had none.
            ProviderWish.Demanded { Provider: ExecutionProvider.Cpu } => new ProviderChoice.Cpu("the CPU was asked for"),
            ProviderWish.Demanded { Provider: ExecutionProvider.Cuda } => cuda is null ? new ProviderChoice.Cuda(scene.Devices) : Refused("CUDA", cuda),
            ProviderWish.Demanded { Provider: ExecutionProvider.TensorRt } => tensorRt is null ? new ProviderChoice.TensorRt(scene.Devices) : Refused("TensorRT", tensorRt),
            _ => throw new UnreachableException(),
        };
    }

    private static ProviderChoice.Refused Refused(string provider, string lack) => new($"{provider} was asked for, and it cannot run here: {lack}");

    private static string? Together(string? one, string? other) => one is null || other is null ? one ?? other : $"{one}; {other}";
}
