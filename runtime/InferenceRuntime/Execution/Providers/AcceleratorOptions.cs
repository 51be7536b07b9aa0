using InferenceRuntime.Execution.Devices;

namespace InferenceRuntime.Execution.Providers;

/// <summary>By what models are to be run, and within what.</summary>
internal sealed record AcceleratorOptions
{
    /// <summary>What was asked for.</summary>
    public ProviderWish Wish { get; init; } = new ProviderWish.Auto();

    /// <summary>Most memory of a device that the arena of one instance may take, bytes; null: all of it.</summary>
    public long? MemoryBytesMax { get; init; }

    /// <summary>Folder where TensorRT's engines and timings are kept; null: nowhere, so that each start builds them.</summary>
    public string? EngineCachePath { get; init; }

    /// <summary>Least share of the model's time on the accelerator with which it is served, 0 to 1; null: any.</summary>
    public double? TimeShareMin { get; init; }

    /// <summary>Who tells which GPUs there are.</summary>
    public IDeviceSource Devices { get; init; } = new NvmlDevices();

    /// <summary>Where the providers' libraries are looked for.</summary>
    public LibrarySearch Libraries { get; init; } = LibrarySearch.Default;
}
