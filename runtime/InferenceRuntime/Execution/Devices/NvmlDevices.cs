using System.Runtime.InteropServices;

namespace InferenceRuntime.Execution.Devices;

/// <summary>Asks the driver's management library (NVML), which is loaded when it is there and is no part of this program.</summary>
/// <param name="library">Name or path of the library.</param>
/// <remarks>Calls and structures: https://docs.nvidia.com/deploy/nvml-api/.</remarks>
internal sealed class NvmlDevices(string library = NvmlDevices.Library) : IDeviceSource
{
    /// <summary>What the driver installs.</summary>
    public const string Library = "libnvidia-ml.so.1";

    private static readonly Lock Gate = new();

    /// <inheritdoc/>
    public DeviceReading Read()
    {
        // Initialisation counts its callers, but what is between it and shutdown is not to interleave.
        lock (Gate)
        {
            if (!NativeLibrary.TryLoad(library, out var handle))
            {
                return new DeviceReading.None($"no NVIDIA driver: {library} is not among the libraries that the loader finds");
            }

            try
            {
                return Nvml.Bind(handle) is { } nvml
                    ? nvml.Read()
                    : new DeviceReading.None($"{library} lacks calls that this program needs: the driver is too old");
            }
            finally
            {
                NativeLibrary.Free(handle);
            }
        }
    }
}
