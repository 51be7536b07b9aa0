using System.Globalization;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Workloads;

/// <summary>What the command line of <c>inference-runtime</c> says of accelerators; nothing where the manifest demands nothing.</summary>
internal static class AcceleratorArguments
{
    public static IEnumerable<string> Of(GpuSpec gpu) =>
    [
        .. gpu.Provider is { } provider ? (string[])["--provider", provider switch
        {
            GpuProvider.CUDA => "cuda",
            GpuProvider.TensorRT => "tensorrt",
            _ => throw new System.Diagnostics.UnreachableException(),
        }] : [],
        .. gpu.MinAcceleratedShare is { } share ? (string[])["--min-accelerated-share", share.ToString(CultureInfo.InvariantCulture)] : [],
    ];
}
