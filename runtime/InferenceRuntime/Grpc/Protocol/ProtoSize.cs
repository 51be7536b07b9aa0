using System.Numerics;

namespace InferenceRuntime.Grpc.Protocol;

/// <summary>Sizes and bytes of protobuf's variable-length integers.</summary>
internal static class ProtoSize
{
    /// <summary>Longest varint, bytes.</summary>
    public const int VarintMax = 10;

    /// <summary>Bytes of the varint.</summary>
    public static int OfVarint(ulong value) => ((BitOperations.Log2(value | 1) * 9) + 73) / 64;

    /// <summary>Writes the varint; gives its length.</summary>
    public static int WriteVarint(Span<byte> destination, ulong value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            destination[length++] = (byte)(value | 0x80);
        }

        destination[length++] = (byte)value;
        return length;
    }
}
