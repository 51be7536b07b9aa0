using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;

namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>A message with what stands before it: a flag for compression and its length in four bytes, big-endian.</summary>
/// <remarks>Source: gRPC over HTTP2, "Length-Prefixed-Message".</remarks>
internal static class GrpcFrame
{
    public const int PrefixBytes = 5;

    /// <summary>How the reading of one frame went.</summary>
    public enum Outcome
    {
        /// <summary>It is here, with its prefix.</summary>
        Complete,

        /// <summary>The client has no more messages.</summary>
        End,

        /// <summary>It is longer than one may be.</summary>
        TooLarge,

        /// <summary>The endpoint holds too much already.</summary>
        NoRoom,

        /// <summary>The body ended in the middle of it, or its flag is none.</summary>
        Malformed,
    }

    /// <summary>Reads the next frame; what follows it stays unread.</summary>
    /// <exception cref="IOException">The client went away in the middle of it.</exception>
    public static async ValueTask<Outcome> ReadAsync(PipeReader reader, HeldBody into, long bytesMax, CancellationToken cancellationToken)
    {
        var length = (long)PrefixBytes;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var arrived = result.Buffer;
            while (!arrived.IsEmpty && into.Length < length)
            {
                var part = arrived.Slice(0, Math.Min(arrived.Length, length - into.Length));
                if (into.Keep(part, bytesMax) is not HeldBody.Outcome.Complete and var refused)
                {
                    reader.AdvanceTo(part.End);
                    return refused is HeldBody.Outcome.TooLarge ? Outcome.TooLarge : Outcome.NoRoom;
                }

                arrived = arrived.Slice(part.End);
                if (into.Length == PrefixBytes)
                {
                    length = PrefixBytes + MessageBytes(into.Bytes.Span);
                }
            }

            reader.AdvanceTo(arrived.Start);
            if (into.Length == length)
            {
                return into.Bytes.Span[0] <= 1 ? Outcome.Complete : Outcome.Malformed;
            }

            if (length > bytesMax)
            {
                return Outcome.TooLarge;
            }

            if (result.IsCompleted)
            {
                return into.Length == 0 ? Outcome.End : Outcome.Malformed;
            }
        }
    }

    /// <summary>True when the client sends nothing more.</summary>
    public static async ValueTask<bool> IsEndAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var isMore = !result.Buffer.IsEmpty;
            reader.AdvanceTo(result.Buffer.Start);
            if (isMore || result.IsCompleted)
            {
                return !isMore;
            }
        }
    }

    /// <summary>The frame's message, compressed or not.</summary>
    public static ReadOnlyMemory<byte> Message(ReadOnlyMemory<byte> frame)
    {
        Debug.Assert(frame.Length >= PrefixBytes, "a frame has a prefix");
        return frame[PrefixBytes..];
    }

    /// <summary>True for a frame whose message is compressed.</summary>
    public static bool IsCompressed(ReadOnlySpan<byte> frame) => frame[0] == 1;

    /// <summary>True for exactly one whole frame.</summary>
    public static bool IsOne(ReadOnlySpan<byte> bytes) => bytes.Length >= PrefixBytes && bytes.Length - PrefixBytes == MessageBytes(bytes);

    /// <summary>Writes the prefix of an uncompressed message.</summary>
    public static void WritePrefix(Span<byte> target, int messageBytes)
    {
        target[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(target[1..], (uint)messageBytes);
    }

    private static long MessageBytes(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt32BigEndian(frame[1..PrefixBytes]);
}
