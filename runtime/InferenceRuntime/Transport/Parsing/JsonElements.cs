using System.Buffers.Binary;
using System.Text.Json;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>How one element of each datatype stands in JSON.</summary>
internal static class JsonElements
{
    /// <summary>A datatype with a JSON form and elements of one size.</summary>
    internal interface IElement
    {
        /// <summary>Bytes of one element.</summary>
        static abstract int Size { get; }

        /// <summary>For errors: what an element has to be.</summary>
        static abstract string Expected { get; }

        /// <summary>Writes the token, little-endian; false when it is no such element, or out of range.</summary>
        static abstract bool TryRead(ref Utf8JsonReader reader, Span<byte> destination);
    }

    internal readonly struct Bool : IElement
    {
        public static int Size => 1;

        public static string Expected => "true or false";

        public static bool TryRead(ref Utf8JsonReader reader, Span<byte> destination)
        {
            destination[0] = reader.TokenType == JsonTokenType.True ? (byte)1 : (byte)0;
            return reader.TokenType is JsonTokenType.True or JsonTokenType.False;
        }
    }

    internal readonly struct UInt8 : IElement
    {
        public static int Size => sizeof(byte);

        public static string Expected => "a whole number from 0 to 255 (UINT8)";

        public static bool TryRead(ref Utf8JsonReader reader, Span<byte> destination) =>
            reader.TokenType == JsonTokenType.Number && reader.TryGetByte(out destination[0]);
    }

    internal readonly struct Int8 : IElement
    {
        public static int Size => sizeof(sbyte);

        public static string Expected => "a whole number from -128 to 127 (INT8)";

        public static bool TryRead(ref Utf8JsonReader reader, Span<byte> destination)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetSByte(out var value))
            {
                return false;
            }

            destination[0] = unchecked((byte)value);
            return true;
        }
    }

    internal readonly struct UInt16 : IElement
    {
        public static int Size => sizeof(ushort);

        public static string Expected => "a whole number from 0 to 65535 (UINT16)";

        public static bool TryRead(ref Utf8JsonReader reader, Span<byte> destination) =>
            reader.TokenType == JsonTokenType.Number
            && reader.TryGetUInt16(out var value)
            && BinaryPrimitives.TryWriteUInt16LittleEndian(destination, value);
    }

    internal readonly struct Int16 : IElement
    {
        public static int Size => sizeof(short);

        public static string Expected => "a whole number from -32768 to 32767 (INT16)";

        public static bool TryRead(ref Utf8JsonReader reader, Span<byte> destination) =>
            reader.TokenType == JsonTokenType.Number
            && reader.TryGetInt16(out var value)
            && BinaryPrimitives.TryWriteInt16LittleEndian(destination, value);
    }

    internal readonly struct UInt32 : IElement
    {
        public static int Size => sizeof(uint);

        public static string Expected => "a whole number from 0 to 4294967295 (UINT32)";

        public static bool TryRead(ref Utf8JsonReader reader, Span<byte> destination) =>
            reader.TokenType == JsonTokenType.Number
            && reader.TryGetUInt32(out var value)
            && BinaryPrimitives.TryWriteUInt32LittleEndian(destination, value);
    }

    internal readonly struct Int32 : IElement
    {
        public static int Size => sizeof(int);

        public static string Expected => "a whole number from -2147483648 to 2147483647 (INT32)";

        public static bool TryRead(ref Utf8JsonReader reader, Span<byte> destination) =>
            reader.TokenType == JsonTokenType.Number
            && reader.TryGetInt32(out var value)
            && BinaryPrimitives.TryWriteInt32LittleEndian(destination, value);
    }

    internal readonly struct UInt64 : IElement
    {
        public static int Size => sizeof(ulong);

        public static string Expected => "a whole number from 0 to 18446744073709551615 (UINT64)";

        public static bool TryRead(ref Utf8JsonReader reader, Span<byte> destination) =>
            reader.TokenType == JsonTokenType.Number
            && reader.TryGetUInt64(out var value)
            && BinaryPrimitives.TryWriteUInt64LittleEndian(destination, value);
    }

    internal readonly struct Int64 : IElement
    {
        public static int Size => sizeof(long);

        public static string Expected => "a whole number from -9223372036854775808 to 9223372036854775807 (INT64)";

        public static bool TryRead(ref Utf8JsonReader reader, Span<byte> destination) =>
            reader.TokenType == JsonTokenType.Number
            && reader.TryGetInt64(out var value)
            && BinaryPrimitives.TryWriteInt64LittleEndian(destination, value);
    }

    internal readonly struct Fp32 : IElement
    {
        public static int Size => sizeof(float);

        public static string Expected => "a number in the range of FP32";

        public static bool TryRead(ref Utf8JsonReader reader, Span<byte> destination)
        {
            if (reader.TokenType != JsonTokenType.Number)
            {
                return false;
            }

            if (!ShortDecimal.TryParse(reader.ValueSpan, out var value) && !(reader.TryGetSingle(out value) && float.IsFinite(value)))
            {
                return false;
            }

            BinaryPrimitives.WriteSingleLittleEndian(destination, value);
            return true;
        }
    }

    internal readonly struct Fp64 : IElement
    {
        public static int Size => sizeof(double);

        public static string Expected => "a number in the range of FP64";

        public static bool TryRead(ref Utf8JsonReader reader, Span<byte> destination)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out var value) || !double.IsFinite(value))
            {
                return false;
            }

            BinaryPrimitives.WriteDoubleLittleEndian(destination, value);
            return true;
        }
    }
}
