using System.IO.Compression;
using System.Runtime.InteropServices;

namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>Finds one text field of a protobuf message without reading the others: they are stepped over by their lengths.</summary>
/// <remarks>Source: Protocol Buffers, "Encoding". The last occurrence counts, as for a parser.</remarks>
internal static class TextField
{
    /// <summary>Field of the model's name in <c>ModelInferRequest</c> and in all requests about one model, and of the service in a health request.</summary>
    public const int Name = 1;

    /// <summary>Field of the id in <c>ModelInferRequest</c>.</summary>
    public const int Id = 3;

    /// <summary>Bytes of a compressed message in which the name has to be.</summary>
    public const int InflatedMax = 64 * 1024;

    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    /// <summary>Finds a field.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="field">Its number.</param>
    /// <param name="value">Its bytes, UTF-8; empty when it is not there.</param>
    /// <returns>False when the message is no protobuf.</returns>
    public static bool TryFind(ReadOnlySpan<byte> message, int field, out ReadOnlySpan<byte> value)
    {
        value = default;
        while (!message.IsEmpty)
        {
            if (!TryReadField(ref message, out var number, out var content))
            {
                return false;
            }

            value = number == field ? content : value;
        }

        return true;
    }

    /// <summary>The same in a message that is compressed by gzip: its first occurrence within <see cref="InflatedMax"/> bytes.</summary>
    /// <returns>False when it is not there, or what is there is no gzip or no protobuf.</returns>
    public static bool TryFindCompressed(ReadOnlyMemory<byte> message, int field, out ReadOnlySpan<byte> value)
    {
        value = default;
        var inflated = new byte[InflatedMax];
        var length = Inflate(message, inflated);
        var rest = inflated.AsSpan(0, length);
        ReadOnlySpan<byte> left = rest;
        while (!left.IsEmpty && TryReadField(ref left, out var number, out var content))
        {
            if (number == field)
            {
                value = content;
                return true;
            }
        }

        return false;
    }

    private static int Inflate(ReadOnlyMemory<byte> message, byte[] target)
    {
        try
        {
            if (!MemoryMarshal.TryGetArray(message, out var bytes))
            {
                return 0;
            }

            using var compressed = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false); // A segment has an array.
            using var gzip = new GZipStream(compressed, CompressionMode.Decompress);
            return gzip.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException)
        {
            return 0;
        }
    }

    // What is not delimited has empty content.
    private static bool TryReadField(scoped ref ReadOnlySpan<byte> message, out int number, out ReadOnlySpan<byte> content)
    {
        content = default;
        number = 0;
        if (!TryReadVarint(ref message, out var tag) || tag >> 3 is 0 or > 0x1FFF_FFFF)
        {
            return false;
        }

        number = (int)(tag >> 3);
        switch ((int)(tag & 7))
        {
            case Varint:
                return TryReadVarint(ref message, out _);
            case Fixed64:
                return TrySkip(ref message, sizeof(ulong));
            case Fixed32:
                return TrySkip(ref message, sizeof(uint));
            case Delimited when TryReadVarint(ref message, out var length) && length <= (ulong)message.Length:
                content = message[..(int)length];
                message = message[(int)length..];
                return true;
            default:
                return false;
        }
    }

    private static bool TrySkip(scoped ref ReadOnlySpan<byte> message, int bytes)
    {
        if (message.Length < bytes)
        {
            return false;
        }

        message = message[bytes..];
        return true;
    }

    private static bool TryReadVarint(scoped ref ReadOnlySpan<byte> message, out ulong value)
    {
        value = 0;
        for (var i = 0; i < message.Length && i < 10; i++)
        {
            value |= (ulong)(message[i] & 0x7F) << (7 * i);
            if (message[i] < 0x80)
            {
                message = message[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
