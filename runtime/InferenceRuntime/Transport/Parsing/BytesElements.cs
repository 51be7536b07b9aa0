using System.Buffers.Binary;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>The wire form of BYTES tensors: each element a little-endian uint32 length and that many bytes.</summary>
internal static class BytesElements
{
    /// <summary>Bytes of the length before each element.</summary>
    public const int PrefixSize = sizeof(uint);

    /// <summary>Counts the elements; −1 when a length points beyond the end.</summary>
    public static long Count(ReadOnlySpan<byte> content)
    {
        var elements = 0L;
        while (!content.IsEmpty)
        {
            if (!TryTake(ref content, out _))
            {
                return -1;
            }

            elements++;
        }

        return elements;
    }

    /// <summary>Takes the next element off the front; false, with nothing taken, when it is cut short.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> content, out ReadOnlySpan<byte> element)
    {
        element = default;
        if (content.Length < PrefixSize)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(content);
        if (length > (uint)(content.Length - PrefixSize))
        {
            return false;
        }

        element = content.Slice(PrefixSize, (int)length);
        content = content[(PrefixSize + (int)length)..];
        return true;
    }
}
