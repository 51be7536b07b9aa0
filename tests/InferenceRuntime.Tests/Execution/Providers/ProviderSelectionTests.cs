using InferenceRuntime.Execution.Providers;
using InferenceRuntime.Tests.Execution.Devices;

namespace InferenceRuntime.Tests.Execution.Providers;

/// <summary>What is chosen on recorded machines.</summary>
public sealed class ProviderSelectionTests
{
    private const string NoCuda = "libcudart.so.13 cannot be loaded: looked for by the system's loader (LD_LIBRARY_PATH is not set) and in /usr/local/cuda/lib64";
    private const string NoTensorRt = "libnvinfer.so.10 cannot be loaded: looked for by the system's loader (LD_LIBRARY_PATH is not set) and in /opt/tensorrt/lib";
    private static readonly ProviderPresence Both = new(null, null);

    [Theory]
    [InlineData("auto", true, true, true, "TensorRT on GPU-3c1e")]
    [InlineData("auto", true, true, false, "CUDA on GPU-3c1e")] // Building engines takes minutes.
    [InlineData("auto", true, false, true, "CUDA on GPU-3c1e")]
    [InlineData("auto", false, true, true, "CPU: " + NoCuda)]
    [InlineData("cpu", true, true, true, "CPU: the CPU was asked for")]
    [InlineData("cuda", true, true, true, "CUDA on GPU-3c1e")]
    [InlineData("cuda", false, true, true, "refused: CUDA was asked for, and it cannot run here: " + NoCuda)]
    [InlineData("tensorrt", true, true, false, "TensorRT on GPU-3c1e")]
    [InlineData("tensorrt", true, false, false, "refused: TensorRT was asked for, and it cannot run here: " + NoTensorRt)]
    [InlineData("tensorrt", false, false, false, "refused: TensorRT was asked for, and it cannot run here: " + NoCuda + "; " + NoTensorRt)]
    public void With_a_gpu_the_libraries_decide_and_what_is_demanded_is_never_replaced(string wish, bool hasCuda, bool hasTensorRt, bool hasEngines, string expected) =>
        Assert.Equal(expected, Choose(wish, "one-h100", new ProviderPresence(hasCuda ? null : NoCuda, hasTensorRt ? null : NoTensorRt), hasEngines));

    [Theory]
    [InlineData("broken-driver", null, "the NVIDIA driver does not answer: Driver/library version mismatch (18)")]
    [InlineData("driver-without-gpu", null, "the NVIDIA driver is there and shows no GPU: none was given to this container")]
    [InlineData("four-l4", "none", "of 4 GPUs (GPU-a0, GPU-b1, GPU-c2, GPU-d3) none may be used by NVIDIA_VISIBLE_DEVICES=none")]
    [InlineData("divided-a100", "1", "of 2 GPUs (GPU-e0, GPU-f1) none may be used by NVIDIA_VISIBLE_DEVICES=1")]
    public void Without_a_gpu_auto_takes_the_cpu_with_the_reason_and_a_demand_is_refused_with_it(string machine, string? visible, string reason)
    {
        Assert.Equal($"CPU: {reason}", Choose("auto", machine, Both, hasEngines: true, visible));
        Assert.Equal($"refused: CUDA was asked for, and it cannot run here: {reason}", Choose("cuda", machine, Both, hasEngines: true, visible));
    }

    [Fact]
    public void Every_gpu_that_may_be_used_is() => Assert.Equal("CUDA on GPU-d3 GPU-b1", Choose("auto", "four-l4", Both, hasEngines: false, "GPU-d3,GPU-b1"));

    private static string Choose(string wish, string machine, ProviderPresence presence, bool hasEngines, string? visible = null)
    {
        ProviderWish asked = wish switch
        {
            "auto" => new ProviderWish.Auto(),
            "cpu" => new ProviderWish.Demanded(ExecutionProvider.Cpu),
            "cuda" => new ProviderWish.Demanded(ExecutionProvider.Cuda),
            _ => new ProviderWish.Demanded(ExecutionProvider.TensorRt),
        };
        return ProviderSelection.Choose(asked, AcceleratorScene.Of(new RecordedDevices(machine).Read(), visible, null, presence), hasEngines) switch
        {
            ProviderChoice.Cpu cpu => $"CPU: {cpu.Reason}",
            ProviderChoice.Cuda cuda => $"CUDA on {string.Join(' ', cuda.Devices.Select(static device => device.Uuid))}",
            ProviderChoice.TensorRt tensorRt => $"TensorRT on {string.Join(' ', tensorRt.Devices.Select(static device => device.Uuid))}",
            ProviderChoice.Refused refused => $"refused: {refused.Reason}",
            var other => throw new Xunit.Sdk.XunitException($"{other}"),
        };
    }
}
