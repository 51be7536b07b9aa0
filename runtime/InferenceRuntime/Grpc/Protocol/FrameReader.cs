using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Compression;

namespace InferenceRuntime.Grpc.Protocol;

/// <summary>Reads the length-prefixed messages of a call, each into one piece of pooled memory. Thread safe.</summary>
/// <remarks>
/// A prefix is a byte that says whether the message is compressed and its length, big-endian. A length is believed up to
/// <see cref="RequestBody.TrustedLength"/>; beyond it, memory follows what arrives. Source: gRPC over HTTP2, "Length-Prefixed-Message".
/// </remarks>
/// <param name="budget">What all messages together may hold.</param>
internal sealed class FrameReader(BodyBudget budget)
{
    /// <summary>Bytes before each message.</summary>
    public const int PrefixLength = 5;

    private const byte CompressedFlag = 1;

    private readonly BoundedInflater _inflater = new(budget);

    /// <summary>Reads one message. What <paramref name="into"/> holds afterwards has been taken from the budget, also after a fault.</summary>
    /// <param name="reader">The call's body.</param>
    /// <param name="into">Empty; receives the message as it was before compression.</param>
    /// <param name="bytesMax">Longest message, compressed and not.</param>
    /// <param name="gzip">Whether the client said that messages may be compressed with gzip.</param>
    /// <param name="cancellationToken">Cancelled when the client goes away.</param>
    /// <exception cref="IOException">The client went away or broke HTTP/2.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<FrameReading> ReadAsync(PipeReader reader, PooledBuffer into, int bytesMax, bool gzip, CancellationToken cancellationToken)
    {
        ReadResult read;
        while (true)
        {
            read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (read.Buffer.Length >= PrefixLength)
            {
                break;
            }

            if (read.IsCompleted)
            {
                var isEnd = read.Buffer.IsEmpty;
                reader.AdvanceTo(read.Buffer.End);
                return isEnd ? FrameReading.End : CutShort();
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        if (!TryReadPrefix(read.Buffer, bytesMax, gzip, out var length, out var compressed, out var fault))
        {
            reader.AdvanceTo(read.Buffer.Start);
            return FrameReading.Broken(fault!);     // Set with every false.
        }

        into.GetSpan(Math.Min(length, RequestBody.TrustedLength));
        var buffer = read.Buffer.Slice(PrefixLength);
        while (true)
        {
            var piece = buffer.Slice(0, Math.Min(buffer.Length, length - into.Length));
            if (!budget.TryTake(piece.Length))
            {
                reader.AdvanceTo(buffer.Start);
                return FrameReading.Broken(GrpcStatus.NoRoom());
            }

            foreach (var segment in piece)
            {
                into.Write(segment.Span);
            }

            reader.AdvanceTo(piece.End);
            if (into.Length == length)
            {
                return compressed ? Inflate(into, bytesMax) : FrameReading.Message;
            }

            if (read.IsCompleted)
            {
                return CutShort();
            }

            read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            buffer = read.Buffer;
        }
    }

    /// <summary>Makes sure that no further message follows; null when none does.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<GrpcStatus?> ReadEndAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var isEmpty = read.Buffer.IsEmpty;
            reader.AdvanceTo(read.Buffer.End);
            if (!isEmpty)
            {
                return new GrpcStatus(GrpcCode.Unimplemented, "this method takes one message");
            }

            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    /// <summary>Gives the memory and its share of the budget back.</summary>
    public void Release(PooledBuffer message)
    {
        budget.Return(message.Length);
        message.Clear();
    }

    private static FrameReading CutShort() => FrameReading.Broken(GrpcStatus.Invalid("the call ended within a message"));

    private static bool TryReadPrefix(ReadOnlySequence<byte> buffer, int bytesMax, bool gzip, out int length, out bool compressed, out GrpcStatus? fault)
    {
        Span<byte> prefix = stackalloc byte[PrefixLength];
        buffer.Slice(0, PrefixLength).CopyTo(prefix);
        var said = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        compressed = prefix[0] == CompressedFlag;
        length = 0;
        if (prefix[0] > CompressedFlag)
        {
            fault = GrpcStatus.Invalid($"the message begins with {prefix[0]}, not with 0 or 1");
            return false;
        }

        if (compressed && !gzip)
        {
            fault = GrpcStatus.Invalid("a message is compressed, and grpc-encoding does not say how");
            return false;
        }

        if (said > bytesMax)
        {
            fault = GrpcStatus.TooLong(bytesMax);
            return false;
        }

        length = (int)said;
        fault = null;
        return true;
    }

    /// <summary>Replaces the compressed message by what it was.</summary>
    private FrameReading Inflate(PooledBuffer message, int bytesMax)
    {
        var inflated = new PooledBuffer();
        var end = _inflater.Inflate(ContentCoding.Gzip, message.Written, inflated, bytesMax);
        message.Swap(inflated);
        Release(inflated);
        return end switch
        {
            Inflation.Whole => FrameReading.Message,
            Inflation.TooLong => FrameReading.Broken(GrpcStatus.TooLong(bytesMax)),
            Inflation.TooDense => FrameReading.Broken(
                new GrpcStatus(GrpcCode.ResourceExhausted, $"a compressed message unpacks to more than {BoundedInflater.RatioMax} times its length")),
            Inflation.NoRoom => FrameReading.Broken(GrpcStatus.NoRoom()),
            Inflation.Damaged => FrameReading.Broken(GrpcStatus.Invalid("a compressed message is not gzip")),
            _ => throw new UnreachableException(),
        };
    }
}
