using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Transport.Replies;

/// <summary>Writes the elements of a tensor as JSON, parted by commas; NaN and infinities as the bare tokens that Triton writes.</summary>
internal static class JsonTensorFormatter
{
    /// <summary>Room for the longest number of any datatype, with its comma.</summary>
    public const int NumberLengthMax = 40;

    /// <summary>Numbers that are formatted into one piece of buffer.</summary>
    private const int NumbersAtOnce = 64;

    /// <summary>False when an element of BYTES is not UTF-8. FP16 and BF16 have no JSON form and are never asked for.</summary>
    public static bool TryFormat(Datatype datatype, ReadOnlySpan<byte> content, PooledBuffer json)
    {
        switch (datatype)
        {
            case Datatype.Bool:
                FormatBools(content, json);
                return true;
            case Datatype.UInt8:
                Format(content, json);
                return true;
            case Datatype.UInt16:
                Format(MemoryMarshal.Cast<byte, ushort>(content), json);
                return true;
            case Datatype.UInt32:
                Format(MemoryMarshal.Cast<byte, uint>(content), json);
                return true;
            case Datatype.UInt64:
                Format(MemoryMarshal.Cast<byte, ulong>(content), json);
                return true;
            case Datatype.Int8:
                Format(MemoryMarshal.Cast<byte, sbyte>(content), json);
                return true;
            case Datatype.Int16:
                Format(MemoryMarshal.Cast<byte, short>(content), json);
                return true;
            case Datatype.Int32:
                Format(MemoryMarshal.Cast<byte, int>(content), json);
                return true;
            case Datatype.Int64:
                Format(MemoryMarshal.Cast<byte, long>(content), json);
                return true;
            case Datatype.Fp32:
                Format(MemoryMarshal.Cast<byte, float>(content), json);
                return true;
            case Datatype.Fp64:
                Format(MemoryMarshal.Cast<byte, double>(content), json);
                return true;
            case Datatype.Bytes:
                return TryFormatTexts(content, json);
            case Datatype.Fp16 or Datatype.Bf16:
            default:
                throw new UnreachableException();
        }
    }

    private static void Format<T>(ReadOnlySpan<T> values, PooledBuffer json)
        where T : IUtf8SpanFormattable
    {
        while (!values.IsEmpty)
        {
            var piece = values[..Math.Min(values.Length, NumbersAtOnce)];
            values = values[piece.Length..];
            var span = json.GetSpan(piece.Length * NumberLengthMax);
            var length = 0;
            foreach (var value in piece)
            {
                var formatted = value.TryFormat(span[length..], out var written, default, CultureInfo.InvariantCulture);
                Debug.Assert(formatted);
                length += written;
                span[length++] = (byte)',';
            }

            json.Advance(values.IsEmpty ? length - 1 : length);
        }
    }

    private static void FormatBools(ReadOnlySpan<byte> values, PooledBuffer json)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0)
            {
                json.WriteByte((byte)',');
            }

            json.Write(values[i] != 0 ? "true"u8 : "false"u8);
        }
    }

    private static bool TryFormatTexts(ReadOnlySpan<byte> content, PooledBuffer json)
    {
        for (var first = true; BytesElements.TryTake(ref content, out var text); first = false)
        {
            if (!Utf8.IsValid(text))
            {
                return false;
            }

            if (!first)
            {
                json.WriteByte((byte)',');
            }

            WriteText(text, json);
        }

        return true;
    }

    private static void WriteText(ReadOnlySpan<byte> text, PooledBuffer json)
    {
        json.WriteByte((byte)'"');
        while (!text.IsEmpty)
        {
            // A piece cut inside a character comes back as what was consumed.
            var span = json.GetSpan(Math.Min(text.Length, 1024) * JavaScriptEncoder.UnsafeRelaxedJsonEscaping.MaxOutputCharactersPerInputCharacter);
            JavaScriptEncoder.UnsafeRelaxedJsonEscaping.EncodeUtf8(text, span, out var consumed, out var written);
            json.Advance(written);
            text = text[consumed..];
        }

        json.WriteByte((byte)'"');
    }
}
