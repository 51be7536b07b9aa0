using System.Text.Json;
using InferenceRuntime.Contract;

namespace InferenceRuntime.Settings;

/// <summary>Reads the settings document, from the admin port or from a file.</summary>
internal static class SettingsDocument
{
    /// <summary>Longest document, bytes.</summary>
    public const int LengthMax = 64 * 1024;

    /// <summary>Reads and checks a whole document; fields that are absent have their defaults.</summary>
    public static SettingsReading Read(ReadOnlySpan<byte> json)
    {
        if (json.Length > LengthMax)
        {
            return new SettingsReading.Rejected($"settings: longer than {LengthMax} bytes");
        }

        RuntimeSettings? settings;
        try
        {
            settings = JsonSerializer.Deserialize(json, ContractJson.Default.RuntimeSettings);
        }
        catch (JsonException e)
        {
            return new SettingsReading.Rejected(Reason(json, e));
        }

        if (settings is null)
        {
            return new SettingsReading.Rejected("settings: null instead of an object");
        }

        var broken = settings.Validate();
        return broken.Count == 0 ? new SettingsReading.Accepted(settings) : new SettingsReading.Rejected(string.Join("; ", broken));
    }

    /// <summary>The serializer's own texts name types of this program; the client gets the field.</summary>
    private static string Reason(ReadOnlySpan<byte> json, JsonException e)
    {
        var field = e.Path is { Length: > 2 } path ? path[2..] : "settings";
        return IsJson(json)
            ? $"{field}: unknown field, repeated field, or a value of the wrong type (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})"
            : $"{field}: not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})";
    }

    private static bool IsJson(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
