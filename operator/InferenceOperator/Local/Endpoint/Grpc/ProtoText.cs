using System.Text;

namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>Writes the endpoint's own messages, of a few fields each.</summary>
/// <remarks>Source: Protocol Buffers, "Encoding".</remarks>
internal static class ProtoText
{
    private const int Varint = 0;
    private const int Delimited = 2;
    private const int VarintBytesMax = 10;

    /// <summary>A boolean or an enumeration; nothing for its default, 0.</summary>
    public static List<byte> Number(this List<byte> message, int field, int value)
    {
        if (value != 0)
        {
            Append(message, ((uint)field << 3) | Varint);
            Append(message, (uint)value);
        }

        return message;
    }

    /// <summary>A text; nothing for an empty one.</summary>
    public static List<byte> Text(this List<byte> message, int field, string value) => value.Length == 0 ? message : message.Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A message within, or bytes.</summary>
    public static List<byte> Bytes(this List<byte> message, int field, ReadOnlySpan<byte> value)
    {
        Append(message, ((uint)field << 3) | Delimited);
        Append(message, (uint)value.Length);
        message.AddRange(value);
        return message;
    }

    private static void Append(List<byte> message, uint value)
    {
        Span<byte> bytes = stackalloc byte[VarintBytesMax];
        message.AddRange(bytes[..WriteVarint(bytes, value)]);
    }

    /// <summary>Writes a number; gives how many bytes it took.</summary>
    public static int WriteVarint(Span<byte> target, uint value)
    {
        var at = 0;
        for (; value >= 0x80; value >>= 7)
        {
            target[at++] = (byte)(value | 0x80);
        }

        target[at++] = (byte)value;
        return at;
    }
}
