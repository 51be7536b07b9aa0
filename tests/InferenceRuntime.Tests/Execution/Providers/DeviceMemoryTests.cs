using InferenceRuntime.Execution.Devices;
using InferenceRuntime.Execution.Providers;
using InferenceRuntime.Tests.Execution.Devices;

namespace InferenceRuntime.Tests.Execution.Providers;

public sealed class DeviceMemoryTests
{
    private const long GiB = 1L << 30;

    [Theory]
    [InlineData(10, 1, null, "GPU-a0", null)]
    [InlineData(23, 1, null, "GPU-a0", "it does not fit onto NVIDIA L4 (GPU-a0): 1 instance of 23552 MiB weights each and 256 MiB for CUDA, and 22566.1 MiB of 23034 MiB are free")]
    [InlineData(12, 2, null, "GPU-a0", "it does not fit onto NVIDIA L4 (GPU-a0): 2 instances of 12288 MiB weights each and 256 MiB for CUDA, and 22566.1 MiB of 23034 MiB are free")]
    [InlineData(12, 2, null, "GPU-a0,GPU-c2", null)]
    [InlineData(12, 3, null, "GPU-a0,GPU-c2", "it does not fit onto NVIDIA L4 (GPU-a0): 2 instances of 12288 MiB weights each and 256 MiB for CUDA, and 22566.1 MiB of 23034 MiB are free")]
    [InlineData(1, 2, null, "GPU-a0,GPU-b1", "it does not fit onto NVIDIA L4 (GPU-b1): 1 instance of 1024 MiB weights each and 256 MiB for CUDA, and 1024 MiB of 23034 MiB are free")]
    [InlineData(1, 1, null, "GPU-a0,GPU-b1", null)]
    [InlineData(4, 1, 2L, "GPU-a0", "its weights take 4096 MiB on the accelerator, and an instance may take 2048 MiB (--gpu-memory)")]
    public void Weights_that_cannot_fit_are_refused_with_the_figures_before_anything_is_loaded(int weightsGiB, int instances, long? arenaGiB, string visible, string? expected)
    {
        var devices = VisibleDevices.Of(RecordedDevices.Of("four-l4"), visible, null);

        Assert.Equal(expected, DeviceMemory.Objection(weightsGiB * GiB, instances, arenaGiB * GiB, devices));
    }
}
