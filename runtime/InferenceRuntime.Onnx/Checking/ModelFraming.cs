using System.Globalization;
using Google.Protobuf;

namespace InferenceRuntime.Onnx.Checking;

/// <summary>
/// Looks at the outermost fields of a file only: tells other files from ONNX files, and a file that was cut short from one
/// that is whole, before anything is parsed or allocated.
/// </summary>
internal static class ModelFraming
{
    private static readonly string[] FieldNames =
        ["", "ir_version", "producer_name", "producer_version", "domain", "model_version", "doc_string", "graph", "opset_import"];

    /// <summary>What is wrong with the framing; null when nothing is.</summary>
    public static string? Fault(ReadOnlySpan<byte> file)
    {
        if (file.IsEmpty)
        {
            return "not an ONNX file: it is empty";
        }

        for (var at = 0; at < file.Length;)
        {
            var start = at;
            if (!TryReadVarint(file, ref at, out var tag))
            {
                return start == 0 ? NotOnnx(file) : Truncated(start, "in the middle of a field's tag");
            }

            var number = tag >> 3;
            var wireType = (WireFormat.WireType)(tag & 7);
            if (start == 0 && !CanComeFirst(number, wireType))
            {
                return NotOnnx(file);
            }

            if (Skip(file, ref at, number, wireType) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static string? Skip(ReadOnlySpan<byte> file, ref int at, ulong number, WireFormat.WireType wireType)
    {
        var start = at;
        switch (wireType)
        {
            case WireFormat.WireType.Varint:
                return TryReadVarint(file, ref at, out _) ? null : Truncated(start, $"in the value of {Name(number)}");
            case WireFormat.WireType.Fixed32:
                return Advance(file, ref at, 4, number);
            case WireFormat.WireType.Fixed64:
                return Advance(file, ref at, 8, number);
            case WireFormat.WireType.LengthDelimited:
                return TryReadVarint(file, ref at, out var length)
                    ? Advance(file, ref at, length, number)
                    : Truncated(start, $"in the length of {Name(number)}");
            default:
                return string.Create(
                    CultureInfo.InvariantCulture, $"not an ONNX file: byte {start - 1} begins a field that the format does not have");
        }
    }

    private static string? Advance(ReadOnlySpan<byte> file, ref int at, ulong length, ulong number)
    {
        var left = (ulong)(file.Length - at);
        if (length > left)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"truncated: {Name(number)} needs {length} bytes from byte {at} on, the file has {left}");
        }

        at += (int)length;
        return null;
    }

    private static bool CanComeFirst(ulong number, WireFormat.WireType wireType) => number switch
    {
        1 or 5 => wireType is WireFormat.WireType.Varint,
        2 or 3 or 4 or 6 or 7 or 8 or 14 or 20 or 25 or 26 => wireType is WireFormat.WireType.LengthDelimited,
        _ => false,
    };

    private static bool TryReadVarint(ReadOnlySpan<byte> file, ref int at, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64 && at < file.Length; shift += 7)
        {
            var next = file[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    private static string Name(ulong number) =>
        number < (ulong)FieldNames.Length ? FieldNames[number] : string.Create(CultureInfo.InvariantCulture, $"field {number}");

    private static string Truncated(int at, string where) =>
        string.Create(CultureInfo.InvariantCulture, $"truncated: the file ends at byte {at}, {where}");

    private static string NotOnnx(ReadOnlySpan<byte> file) =>
        $"not an ONNX file: it begins with the bytes {Convert.ToHexString(file[..Math.Min(8, file.Length)])}";
}
