using System.Collections.Immutable;
using System.Globalization;
using InferenceRuntime.Execution.Devices;

namespace InferenceRuntime.Execution.Providers;

/// <summary>Whether a model can fit onto its devices, before it is loaded. A pure function.</summary>
internal static class DeviceMemory
{
    /// <summary>
    /// Taken of a device by each process that uses it, before any weight: the CUDA context and the kernels of its libraries. A low figure, so
    /// that nothing is refused which would have fitted.
    /// </summary>
    public const long ContextBytes = 256L << 20;

    /// <summary>Why it cannot, with the figures; null: nothing is known that speaks against it.</summary>
    /// <param name="weights">Bytes of the model's weights, of which each instance has its own on the device.</param>
    /// <param name="instances">Instances of the model, dealt to the devices in turn.</param>
    /// <param name="arenaMax">Most that the arena of one may take; null: no bound.</param>
    /// <param name="devices">At least one.</param>
    public static string? Objection(long weights, int instances, long? arenaMax, ImmutableArray<ComputeDevice> devices)
    {
        if (arenaMax < weights)
        {
            return $"its weights take {Text(weights)} on the accelerator, and an instance may take {Text(arenaMax.Value)} (--gpu-memory)";
        }

        for (var i = 0; i < Math.Min(devices.Length, instances); i++)
        {
            var (device, here) = (devices[i], ((instances - 1 - i) / devices.Length) + 1);
            if ((Int128)weights * here + ContextBytes > device.FreeBytes)
            {
                return $"it does not fit onto {device.Name} ({device.Uuid}): {here} {(here == 1 ? "instance" : "instances")} of {Text(weights)} weights each and {Text(ContextBytes)} for CUDA, "
                    + $"and {Text(device.FreeBytes)} of {Text(device.MemoryBytes)} are free";
            }
        }

        return null;
    }

    private static string Text(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.#} MiB");
}
