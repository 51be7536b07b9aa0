using System.Collections.Immutable;
using InferenceRuntime.Execution.Devices;

namespace InferenceRuntime.Execution.Providers;

/// <summary>What there is to run a model on, at one moment.</summary>
/// <param name="Devices">What may be used, in the order in which it is to be.</param>
/// <param name="DeviceLack">Why there is none; null exactly when there are some.</param>
/// <param name="Presence">The providers.</param>
internal sealed record AcceleratorScene(ImmutableArray<ComputeDevice> Devices, string? DeviceLack, ProviderPresence Presence)
{
    /// <summary>The scene that a reading and the two variables of <see cref="VisibleDevices"/> make.</summary>
    public static AcceleratorScene Of(DeviceReading reading, string? container, string? cuda, ProviderPresence presence)
    {
        if (reading is DeviceReading.None none)
        {
            return new([], none.Reason, presence);
        }

        var all = ((DeviceReading.Found)reading).Devices;
        var devices = VisibleDevices.Of(all, container, cuda);
        return devices.IsEmpty ? new([], Nothing(all, container, cuda), presence) : new(devices, null, presence);
    }

    private static string Nothing(ImmutableArray<GpuDevice> all, string? container, string? cuda)
    {
        if (all.IsEmpty)
        {
            return "the NVIDIA driver is there and shows no GPU: none was given to this container";
        }

        var told = string.Join(
            " and ",
            new[] { (Name: VisibleDevices.ContainerVariable, Value: container), (Name: VisibleDevices.CudaVariable, Value: cuda) }
                .Where(static variable => variable.Value is not null).Select(static variable => $"{variable.Name}={variable.Value}"));
        var divided = all.All(static device => device.Slices is { IsEmpty: true }) ? ", and MIG is on without an instance" : "";
        return $"of {all.Length} GPUs ({string.Join(", ", all.Select(static device => device.Uuid))}) none may be used{(told.Length > 0 ? $" by {told}" : "")}{divided}";
    }
}
