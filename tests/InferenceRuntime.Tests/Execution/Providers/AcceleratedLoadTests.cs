using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Execution;
using InferenceRuntime.Execution.Providers;
using InferenceRuntime.Tests.Execution.Devices;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Execution.Providers;

/// <summary>What becomes of wishes where ONNX Runtime is built for the CPU alone, whatever GPUs the machine has.</summary>
public sealed class AcceleratedLoadTests : IDisposable
{
    private const string BuiltWithout = "this build of ONNX Runtime has no CUDAExecutionProvider (it has CPUExecutionProvider): the image for CUDA has one";
    private static readonly string Model = Path.Combine(ModelFolder.Repository, "digits-mlp.onnx");
    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Auto_runs_on_the_cpu_and_none_of_the_models_time_is_on_an_accelerator()
    {
        var loaded = Assert.IsType<ModelLoad.Loaded>(await LoadAsync(new AcceleratorOptions { Devices = new RecordedDevices("one-h100") }));

        await using var engine = loaded.Engine;
        Assert.Equal(new ModelPlacement("CPUExecutionProvider", 0, 0), loaded.Facts.Placement);
        Assert.Equal(loaded.Facts.Placement, engine.Statistics.Snapshot(TimeProvider.System.GetTimestamp()).Placement);
    }

    [Fact]
    public async Task Cuda_that_is_demanded_and_missing_is_refused_with_all_that_is_missing() => Assert.Equal(
        $"{Model}: CUDA was asked for, and it cannot run here: the NVIDIA driver does not answer: Driver/library version mismatch (18); {BuiltWithout}",
        ModelFolder.Reason(await LoadAsync(new AcceleratorOptions { Wish = new ProviderWish.Demanded(ExecutionProvider.Cuda), Devices = new RecordedDevices("broken-driver") })));

    [Fact]
    public async Task TensorRt_that_is_demanded_lacks_what_cuda_lacks_too()
    {
        var reason = ModelFolder.Reason(await LoadAsync(new AcceleratorOptions { Wish = new ProviderWish.Demanded(ExecutionProvider.TensorRt), Devices = new RecordedDevices("one-h100") }));

        Assert.StartsWith($"{Model}: TensorRT was asked for, and it cannot run here: {BuiltWithout}; this build of ONNX Runtime has no TensorrtExecutionProvider", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_share_that_is_demanded_is_not_served_without() => Assert.Equal(
        $"{Model}: none of its time would be on an accelerator, and 90 % is asked for: {BuiltWithout}",
        ModelFolder.Reason(await LoadAsync(new AcceleratorOptions { TimeShareMin = 0.9, Devices = new RecordedDevices("one-h100") })));

    [Theory]
    [InlineData(0.42, 0.75, "42 % of its time and 75 % of its nodes are on the accelerator (CUDAExecutionProvider), and 90 % of its time is asked for; operators on the CPU: Gather, TopK")]
    [InlineData(0.9, 0.75, null)]
    [InlineData(null, null, "how much of its time is on the accelerator could not be measured, and 90 % is asked for")]
    public void Too_little_is_told_with_the_figures_and_what_stayed_on_the_cpu(double? time, double? nodes, string? expected) => Assert.Equal(
        expected, AcceleratorChoice.TooLittle(new PlacementReading(new ModelPlacement("CUDAExecutionProvider", nodes, time), time is null ? [] : ["Gather", "TopK"]), 0.9));

    [Fact]
    public void Without_a_floor_any_share_is_served() => Assert.Null(AcceleratorChoice.TooLittle(new PlacementReading(new ModelPlacement("CUDAExecutionProvider", 0, 0), []), null));

    [Fact]
    public void Libraries_are_looked_for_in_the_folders_that_are_named_and_what_is_missing_is_told_with_them()
    {
        File.Copy("/proc/self/exe", Path.Combine(_folder.Path, "libno.so.1")); // No library: it cannot be loaded.

        var lack = new LibrarySearch([_folder.Path, "/nowhere"]).Lack(["libc.so.6", "libno.so.1", "libnone.so.2"]);

        Assert.StartsWith("libno.so.1, libnone.so.2 cannot be loaded: looked for by the system's loader (LD_LIBRARY_PATH", lack, StringComparison.Ordinal);
        Assert.EndsWith($") and in {_folder.Path}, /nowhere", lack, StringComparison.Ordinal);
        Assert.Null(new LibrarySearch([]).Lack(["libc.so.6"]));
    }

    [Fact]
    public void Engines_lie_in_a_folder_of_the_models_own_and_count_once_they_are_there()
    {
        var cache = new EngineCache(_folder.Path, new string('a', 64));
        Assert.False(cache.HasEngines);

        var folder = cache.Folder()!; // There is a root.
        Assert.False(cache.HasEngines);
        File.WriteAllText(Path.Combine(folder, "TensorrtExecutionProvider_TRTKernel_graph_0_sm90.engine"), "");

        Assert.Equal(Path.Combine(_folder.Path, new string('a', 16)), folder);
        Assert.True(cache.HasEngines);
        Assert.False(new EngineCache(_folder.Path, new string('b', 64)).HasEngines);
        Assert.False(new EngineCache(null, new string('a', 64)).HasEngines);
    }

    private static Task<ModelLoad> LoadAsync(AcceleratorOptions accelerator) => OnnxEngine.LoadAsync(
        new EngineOptions { ModelPath = Model, Name = "m", Threads = 1, WarmUpMax = TimeSpan.FromMilliseconds(50), Accelerator = accelerator },
        TimeProvider.System,
        NullLoggerFactory.Instance,
        CancellationToken.None);
}
