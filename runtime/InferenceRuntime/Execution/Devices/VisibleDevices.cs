using System.Collections.Immutable;
using System.Globalization;

namespace InferenceRuntime.Execution.Devices;

/// <summary>Which of the machine's GPUs this process is to use, by the two variables that say so.</summary>
/// <remarks>
/// <c>NVIDIA_VISIBLE_DEVICES</c> is what a container was given: <c>all</c>, <c>none</c>, indices or UUIDs; <c>void</c> and nothing say nothing,
/// since devices can come by other ways too. <c>CUDA_VISIBLE_DEVICES</c> is what CUDA honours: indices or beginnings of UUIDs, and an entry that
/// names no device ends the list. Sources: https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html,
/// https://docs.nvidia.com/cuda/cuda-programming-guide/05-appendices/environment-variables.html.
/// </remarks>
internal static class VisibleDevices
{
    /// <summary>The variable of the container runtime.</summary>
    public const string ContainerVariable = "NVIDIA_VISIBLE_DEVICES";

    /// <summary>The variable of CUDA.</summary>
    public const string CudaVariable = "CUDA_VISIBLE_DEVICES";

    /// <summary>
    /// The devices, in the order in which they are to be used. Of a GPU that is divided a part stands for itself; where it comes first it is the
    /// only one, since CUDA opens no more than one part in a process.
    /// </summary>
    /// <param name="devices">The machine's, as this process sees them.</param>
    /// <param name="container">Value of <see cref="ContainerVariable"/>; null: unset.</param>
    /// <param name="cuda">Value of <see cref="CudaVariable"/>; null: unset.</param>
    public static ImmutableArray<ComputeDevice> Of(ImmutableArray<GpuDevice> devices, string? container, string? cuda) =>
        Openable([.. ByCuda(ByContainer(devices, container), cuda).SelectMany(static device => device.Parts)]);

    // Source: https://docs.nvidia.com/datacenter/tesla/mig-user-guide/ (a process enumerates a single MIG instance).
    private static ImmutableArray<ComputeDevice> Openable(ImmutableArray<ComputeDevice> devices) =>
        devices is [{ IsPart: true } first, ..] ? [first] : [.. devices.Where(static device => !device.IsPart)];

    private static ImmutableArray<Numbered> ByContainer(ImmutableArray<GpuDevice> devices, string? value)
    {
        ImmutableArray<Numbered> all = [.. devices.Select(static device => new Numbered(device.Index.ToString(CultureInfo.InvariantCulture), device.Uuid, PartsOf(device)))];
        switch (value?.Trim())
        {
            case null or "" or "void" or "all":
                return all;
            case "none":
                return [];
        }

        var entries = Entries(value);

        // A container sees only what it was given, numbered anew: indices of the host's then pick nothing out.
        return entries.Length >= all.Length && entries.All(static entry => char.IsAsciiDigit(entry[0]))
            ? all
            : [.. entries.SelectMany(entry => Named(all, entry)).DistinctBy(static device => (device.Uuid, device.Parts.Length))];
    }

    private static IEnumerable<Numbered> ByCuda(ImmutableArray<Numbered> devices, string? value)
    {
        if (value is null)
        {
            return devices;
        }

        // What CUDA counts are the devices that are there, from 0.
        ImmutableArray<Numbered> counted = [.. devices.Select(static (device, index) => device with { Number = index.ToString(CultureInfo.InvariantCulture) })];
        return Entries(value).Select(entry => Named(counted, entry).FirstOrDefault()).TakeWhile(static device => device is not null).Select(static device => device!); // Just checked.
    }

    private static IEnumerable<Numbered> Named(ImmutableArray<Numbered> devices, string entry)
    {
        foreach (var device in devices)
        {
            if (entry == device.Number || (entry.StartsWith("GPU-", StringComparison.Ordinal) && device.Uuid.StartsWith(entry, StringComparison.Ordinal)))
            {
                yield return device;
            }
            else if (entry.StartsWith("MIG-", StringComparison.Ordinal) && device.Parts.Where(part => part.Uuid.StartsWith(entry, StringComparison.Ordinal)).ToImmutableArray() is { Length: > 0 } parts)
            {
                yield return device with { Parts = parts };
            }
            else if (entry.Split(':') is [var number, var slice] && number == device.Number
                && int.TryParse(slice, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < device.Parts.Length)
            {
                yield return device with { Parts = [device.Parts[at]] };
            }
        }
    }

    private static ImmutableArray<ComputeDevice> PartsOf(GpuDevice device) => device.Slices is { } slices
        ? [.. slices.Select(slice => new ComputeDevice(slice.Uuid, slice.Name, device.ComputeCapability, slice.MemoryBytes, slice.FreeBytes))]
        : [new ComputeDevice(device.Uuid, device.Name, device.ComputeCapability, device.MemoryBytes, device.FreeBytes)];

    private static string[] Entries(string value) => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A GPU with the parts of it that may be used.</summary>
    private sealed record Numbered(string Number, string Uuid, ImmutableArray<ComputeDevice> Parts);
}
