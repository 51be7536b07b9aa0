using System.Buffers.Binary;
using Microsoft.ML.OnnxRuntime;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>Carries BYTES elements, each a little-endian uint32 length and that many bytes, into and out of string tensors.</summary>
internal static class BytesElements
{
    private const int LengthBytes = sizeof(uint);

    /// <summary>Writes all elements into consecutive places of a string tensor.</summary>
    /// <param name="elements">Whole elements.</param>
    /// <param name="tensor">A string tensor with room for them.</param>
    /// <param name="first">Place of the first element.</param>
    /// <returns>The place after the last element.</returns>
    /// <exception cref="ArgumentException">A length leads beyond the end.</exception>
    public static int Write(ReadOnlySpan<byte> elements, OrtValue tensor, int first)
    {
        var place = first;
        while (!elements.IsEmpty)
        {
            if (elements.Length < LengthBytes)
            {
                throw new ArgumentException("An element's length is cut short.", nameof(elements));
            }

            var length = BinaryPrimitives.ReadUInt32LittleEndian(elements);
            elements = elements[LengthBytes..];
            if (length > (uint)elements.Length)
            {
                throw new ArgumentException("An element's length leads beyond the end.", nameof(elements));
            }

            tensor.StringTensorSetElementAt(elements[..(int)length], place++);
            elements = elements[(int)length..];
        }

        return place;
    }

    /// <summary>Bytes that <paramref name="count"/> elements from <paramref name="first"/> on need in wire form.</summary>
    public static long WireLength(OrtValue tensor, int first, int count)
    {
        var bytes = (long)LengthBytes * count;
        for (var i = first; i < first + count; i++)
        {
            bytes += tensor.GetStringElementAsSpan(i).Length;
        }

        return bytes;
    }

    /// <summary>Writes the elements in wire form; <paramref name="wire"/> has the length that <see cref="WireLength"/> gave.</summary>
    public static void Read(OrtValue tensor, int first, int count, Span<byte> wire)
    {
        for (var i = first; i < first + count; i++)
        {
            var element = tensor.GetStringElementAsSpan(i);
            BinaryPrimitives.WriteUInt32LittleEndian(wire, (uint)element.Length);
            element.CopyTo(wire[LengthBytes..]);
            wire = wire[(LengthBytes + element.Length)..];
        }
    }
}
