using System.Collections.Immutable;
using InferenceRuntime.Execution.Devices;
using InferenceRuntime.Execution.Sessions;

namespace InferenceRuntime.Execution.Providers;

/// <summary>Which number CUDA gives to which device in this process.</summary>
/// <remarks>
/// CUDA numbers devices by its own guess of their speed unless it is told, and reads what it is told once. So it is told, before its first call,
/// exactly the devices that may be used, by UUID: a device's number is its place among them. Thread safe.
/// </remarks>
internal static class CudaOrder
{
    private static readonly Lock Gate = new();
    private static ImmutableArray<string> _order;

    /// <summary>CUDA's number of a device, which is one of <paramref name="devices"/>; their order at the first call is the one that stays.</summary>
    /// <exception cref="InvalidOperationException">The device was not there at the first call.</exception>
    public static int NumberOf(ComputeDevice device, ImmutableArray<ComputeDevice> devices)
    {
        lock (Gate)
        {
            if (_order.IsDefault)
            {
                _order = [.. devices.Select(static one => one.Uuid)];
                ProcessEnvironment.Set(VisibleDevices.CudaVariable, string.Join(',', _order));
            }

            return _order.IndexOf(device.Uuid) is var number and >= 0
                ? number
                : throw new InvalidOperationException($"device {device.Uuid} came after CUDA was started");
        }
    }
}
