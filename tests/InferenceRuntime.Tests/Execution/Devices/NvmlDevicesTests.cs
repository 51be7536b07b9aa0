using System.Diagnostics;
using InferenceRuntime.Execution.Devices;

namespace InferenceRuntime.Tests.Execution.Devices;

public sealed class NvmlDevicesTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_the_drivers_library_there_is_no_gpu_and_one_line_says_why() => Assert.Equal(
        new DeviceReading.None("no NVIDIA driver: libnvidia-ml-of-nobody.so.1 is not among the libraries that the loader finds"),
        new NvmlDevices("libnvidia-ml-of-nobody.so.1").Read());

    [CompilerFact]
    public async Task Gpus_are_described_with_their_parts_and_one_that_was_lost_is_left_out()
    {
        var found = Assert.IsType<DeviceReading.Found>(new NvmlDevices(await CompileAsync()).Read());

        Assert.Equal(("580.65.06", "13.1", 2), (found.Driver, found.Cuda, found.Devices.Length));
        Assert.Equal(
            new GpuDevice(0, "GPU-11111111-2222-3333-4444-555555555555", "NVIDIA H100 80GB HBM3", "9.0", 80L << 30, 79L << 30, Slices: null), found.Devices[0]);
        Assert.Equal(("GPU-66666666-7777-8888-9999-000000000000", "8.0"), (found.Devices[1].Uuid, found.Devices[1].ComputeCapability));
        Assert.Equal(
            new MigSlice("MIG-aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "NVIDIA A100-SXM4-40GB MIG 1g.5gb", 5L << 30, 4L << 30),
            Assert.Single(found.Devices[1].Slices ?? []));
    }

    [CompilerFact]
    public async Task A_driver_that_does_not_answer_is_no_gpu_with_its_own_words() => Assert.Equal(
        new DeviceReading.None("the NVIDIA driver does not answer: Driver Not Loaded (9)"), new NvmlDevices(await CompileAsync("-DFAILS")).Read());

    [CompilerFact]
    public async Task A_library_without_the_calls_is_too_old()
    {
        var library = await CompileAsync("-DnvmlDeviceGetMigMode=nvmlDeviceGetSomethingElse");

        Assert.Equal(new DeviceReading.None($"{library} lacks calls that this program needs: the driver is too old"), new NvmlDevices(library).Read());
    }

    private async Task<string> CompileAsync(params string[] options)
    {
        var library = Path.Combine(_folder.Path, "libnvidia-ml.so.1");
        var source = Repository.File("tests", "InferenceRuntime.Tests", "Execution", "Devices", "nvml-stand-in.c");
        using var compiler = Process.Start(new ProcessStartInfo(CompilerFactAttribute.Compiler!, [.. options, "-shared", "-fPIC", "-o", library, source]) { RedirectStandardError = true })!; // Skipped where there is none.
        var errors = await compiler.StandardError.ReadToEndAsync();
        await compiler.WaitForExitAsync();
        Assert.True(compiler.ExitCode == 0, errors);
        return library;
    }
}
