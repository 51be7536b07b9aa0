using System.Collections.Immutable;

namespace InferenceRuntime.Execution.Devices;

/// <summary>What the driver says of the machine's GPUs.</summary>
internal abstract record DeviceReading
{
    private DeviceReading()
    {
    }

    /// <summary>There is a driver.</summary>
    /// <param name="Driver">Its version, for example <c>580.65.06</c>.</param>
    /// <param name="Cuda">The newest CUDA that it can do, for example <c>13.0</c>.</param>
    /// <param name="Devices">In the driver's order; may be empty.</param>
    public sealed record Found(string Driver, string Cuda, ImmutableArray<GpuDevice> Devices) : DeviceReading;

    /// <summary>There are no GPUs, or nobody who could tell.</summary>
    /// <param name="Reason">Why, one line.</param>
    public sealed record None(string Reason) : DeviceReading;
}
