using System.Globalization;
using InferenceRuntime.Onnx.Schema;

namespace InferenceRuntime.Onnx.Checking;

/// <summary>Where a tensor's external data lies; refuses locations outside the model's folder.</summary>
internal static class ExternalLocation
{
    // ONNX Runtime takes a location with this word for an address in its own memory.
    private const string AddressMark = "_ORT_MEM_ADDR_";

    /// <summary>Reads the tensor's entries; gives what is wrong with them, or null.</summary>
    public static string? Read(TensorProto tensor, out ExternalData external)
    {
        external = new ExternalData(tensor.Name, string.Empty, 0, -1);
        var (location, offset, length) = (string.Empty, 0L, -1L);
        foreach (var entry in tensor.ExternalData)
        {
            switch (entry.Key)
            {
                case "location":
                    location = entry.Value;
                    break;
                case "offset" when !TryParse(entry.Value, out offset):
                    return $"external data: offset '{entry.Value}' is not a number of bytes";
                case "length" when !TryParse(entry.Value, out length):
                    return $"external data: length '{entry.Value}' is not a number of bytes";
                default:
                    break; // A checksum, or what a later version of the format adds.
            }
        }

        if (Fault(location) is { } fault)
        {
            return fault;
        }

        external = new ExternalData(tensor.Name, location, offset, length);
        return null;
    }

    private static bool TryParse(string text, out long bytes) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out bytes);

    private static string? Fault(string location)
    {
        if (location.Length == 0)
        {
            return "external data without a location";
        }

        if (location.Contains(AddressMark, StringComparison.Ordinal) || location.Contains('\0', StringComparison.Ordinal))
        {
            return "external data: the location is not a path";
        }

        // Both separators count, whatever the platform that wrote the file.
        var leadsOut = location[0] is '/' or '\\'
            || (location.Length > 1 && location[1] == ':')
            || location.Split('/', '\\').Contains("..");
        return leadsOut ? $"external data: location '{location}' leads out of the model's folder" : null;
    }
}
