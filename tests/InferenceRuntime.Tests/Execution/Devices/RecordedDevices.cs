using System.Collections.Immutable;
using System.Text.Json;
using InferenceRuntime.Execution.Devices;

namespace InferenceRuntime.Tests.Execution.Devices;

/// <summary>Devices as they are described in a file of the folder <c>Recorded</c>.</summary>
internal sealed class RecordedDevices(string name) : IDeviceSource
{
    public static ImmutableArray<GpuDevice> Of(string name) => Assert.IsType<DeviceReading.Found>(new RecordedDevices(name).Read()).Devices;

    public DeviceReading Read()
    {
        var text = File.ReadAllText(Repository.File("tests", "InferenceRuntime.Tests", "Execution", "Devices", "Recorded", $"{name}.json"));
        using var document = JsonDocument.Parse(text);
        var machine = document.RootElement;
        return machine.TryGetProperty("none", out var reason)
            ? new DeviceReading.None(reason.GetString()!) // A text.
            : new DeviceReading.Found(Text(machine, "driver"), Text(machine, "cuda"), [.. machine.GetProperty("devices").EnumerateArray().Select(Device)]);
    }

    private static GpuDevice Device(JsonElement device) => new(
        device.GetProperty("index").GetInt32(),
        Text(device, "uuid"),
        Text(device, "name"),
        Text(device, "computeCapability"),
        device.GetProperty("memoryBytes").GetInt64(),
        device.GetProperty("freeBytes").GetInt64(),
        device.TryGetProperty("slices", out var slices) ? [.. slices.EnumerateArray().Select(Slice)] : null);

    private static MigSlice Slice(JsonElement slice) =>
        new(Text(slice, "uuid"), Text(slice, "name"), slice.GetProperty("memoryBytes").GetInt64(), slice.GetProperty("freeBytes").GetInt64());

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!; // A text.
}
