using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace InferenceRuntime.Grpc.Protocol;

/// <summary>Walks over the fields of one protobuf message in memory. Nothing is copied, and no length is believed before it was compared with what is there.</summary>
/// <remarks>Every method gives false when the bytes are no such thing; the place is then undefined. Source: Protocol Buffers, "Encoding".</remarks>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    /// <summary>Deepest nesting of groups in fields that are passed over.</summary>
    public const int GroupDepthMax = 32;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _position;

    public readonly bool IsAtEnd => _position >= _message.Length;

    /// <summary>Reads the key of the next field.</summary>
    public bool TryReadKey(out int field, out WireType wire)
    {
        if (!TryReadVarint(out var key) || key > uint.MaxValue || key >> 3 == 0)
        {
            (field, wire) = (0, WireType.Varint);
            return false;
        }

        (field, wire) = ((int)(key >> 3), (WireType)(key & 7));
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadVarint(out ulong value)
    {
        if ((uint)_position < (uint)_message.Length && _message[_position] < 0x80)
        {
            value = _message[_position++];
            return true;
        }

        return TryReadLongVarint(out value);
    }

    /// <summary>Reads a length and gives where that many bytes lie in the message.</summary>
    public bool TryReadRange(out Range range)
    {
        if (!TryReadVarint(out var length) || length > (ulong)(_message.Length - _position))
        {
            range = default;
            return false;
        }

        range = _position..(_position + (int)length);
        _position += (int)length;
        return true;
    }

    /// <summary>Reads a length and that many bytes.</summary>
    public bool TryReadBytes(out ReadOnlySpan<byte> bytes)
    {
        var read = TryReadRange(out var range);
        bytes = read ? _message[range] : default;
        return read;
    }

    public bool TryReadFixed32(out uint value)
    {
        var read = BinaryPrimitives.TryReadUInt32LittleEndian(_message[_position..], out value);
        _position += read ? sizeof(uint) : 0;
        return read;
    }

    public bool TryReadFixed64(out ulong value)
    {
        var read = BinaryPrimitives.TryReadUInt64LittleEndian(_message[_position..], out value);
        _position += read ? sizeof(ulong) : 0;
        return read;
    }

    /// <summary>Passes over the value of a field whose key was read.</summary>
    public bool TrySkip(int field, WireType wire)
    {
        if (wire != WireType.StartGroup)
        {
            return TrySkipValue(wire);
        }

        Span<int> open = stackalloc int[GroupDepthMax];
        open[0] = field;
        for (var depth = 1; depth > 0;)
        {
            if (!TryReadKey(out var inner, out var innerWire))
            {
                return false;
            }

            if (innerWire == WireType.StartGroup)
            {
                if (depth == GroupDepthMax)
                {
                    return false;
                }

                open[depth++] = inner;
            }
            else if (innerWire == WireType.EndGroup)
            {
                if (open[--depth] != inner)
                {
                    return false;
                }
            }
            else if (!TrySkipValue(innerWire))
            {
                return false;
            }
        }

        return true;
    }

    private bool TrySkipValue(WireType wire) => wire switch
    {
        WireType.Varint => TryReadVarint(out _),
        WireType.Fixed64 => TryReadFixed64(out _),
        WireType.LengthDelimited => TryReadRange(out _),
        WireType.Fixed32 => TryReadFixed32(out _),
        _ => false,
    };

    private bool TryReadLongVarint(out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64 && _position < _message.Length; shift += 7)
        {
            var next = _message[_position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                // The tenth byte holds one bit.
                return shift < 63 || next <= 1;
            }
        }

        return false;
    }
}
