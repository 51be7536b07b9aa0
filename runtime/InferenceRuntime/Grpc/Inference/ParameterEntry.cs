using InferenceRuntime.Grpc.Protocol;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>One entry of a map of parameters.</summary>
/// <param name="key">The key, UTF-8.</param>
/// <param name="kind">Field of the value that is set: 1 bool, 2 int64, 3 string, 4 double, 5 uint64; 0 for none.</param>
/// <param name="number">The value's bits when it is a bool or a whole number.</param>
internal readonly ref struct ParameterEntry(ReadOnlySpan<byte> key, int kind, ulong number)
{
    private const int Int64Kind = 2;
    private const int UInt64Kind = 5;

    /// <summary>The key, UTF-8.</summary>
    public ReadOnlySpan<byte> Key { get; } = key;

    /// <summary>Reads an entry; false when it is malformed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> entry, out ParameterEntry parameter)
    {
        var reader = new ProtoReader(entry);
        ReadOnlySpan<byte> key = default;
        var (kind, number) = (0, 0UL);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out var field, out var wire))
            {
                parameter = default;
                return false;
            }

            ReadOnlySpan<byte> value = default;
            var read = wire == WireType.LengthDelimited && field <= 2
                ? reader.TryReadBytes(out value) && (field == 1 || TryReadValue(value, ref kind, ref number))
                : reader.TrySkip(field, wire);
            if (!read)
            {
                parameter = default;
                return false;
            }

            if (wire == WireType.LengthDelimited && field == 1)
            {
                key = value;
            }
        }

        parameter = new ParameterEntry(key, kind, number);
        return true;
    }

    /// <summary>The value as a whole number from 0 to 2⁶⁴ − 1; false when it is none.</summary>
    public bool TryGetWhole(out ulong value)
    {
        value = number;
        return kind == UInt64Kind || (kind == Int64Kind && (long)number >= 0);
    }

    private static bool TryReadValue(ReadOnlySpan<byte> message, ref int kind, ref ulong number)
    {
        var reader = new ProtoReader(message);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out var field, out var wire))
            {
                return false;
            }

            var isWhole = wire == WireType.Varint && field is 1 or Int64Kind or UInt64Kind;
            if (!(isWhole ? reader.TryReadVarint(out number) : reader.TrySkip(field, wire)))
            {
                return false;
            }

            kind = field is >= 1 and <= UInt64Kind ? field : kind;
        }

        return true;
    }
}
