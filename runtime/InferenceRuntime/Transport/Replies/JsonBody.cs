using System.Buffers;
using System.Text.Json;

namespace InferenceRuntime.Transport.Replies;

/// <summary>Makes the bodies of replies that are not on the hot path.</summary>
internal static class JsonBody
{
    /// <summary>An object with what <paramref name="write"/> puts into it.</summary>
    public static ReadOnlyMemory<byte> Object(Action<Utf8JsonWriter> write) => Write(json =>
    {
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
    });

    /// <summary>A list with what <paramref name="write"/> puts into it.</summary>
    public static ReadOnlyMemory<byte> Array(Action<Utf8JsonWriter> write) => Write(json =>
    {
        json.WriteStartArray();
        write(json);
        json.WriteEndArray();
    });

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json);
        }

        return buffer.WrittenMemory;
    }
}
