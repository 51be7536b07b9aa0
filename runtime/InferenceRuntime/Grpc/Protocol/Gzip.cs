using System.IO.Compression;
using System.Runtime.InteropServices;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Grpc.Protocol;

/// <summary>Compresses and restores single messages.</summary>
internal static class Gzip
{
    /// <summary>Name of the encoding in headers.</summary>
    public const string Name = "gzip";

    /// <summary>Most that one step restores before the limit and the budget are asked again.</summary>
    private const int StepBytes = 64 * 1024;

    /// <summary>Restores a message; null when all of it is there.</summary>
    /// <param name="compressed">The whole compressed message.</param>
    /// <param name="into">Empty; what it holds afterwards has been taken from the budget, also after a fault.</param>
    /// <param name="bytesMax">Longest message.</param>
    /// <param name="budget">What all messages together may hold.</param>
    public static GrpcStatus? Inflate(ReadOnlyMemory<byte> compressed, PooledBuffer into, int bytesMax, BodyBudget budget)
    {
        using var stream = new GZipStream(StreamOf(compressed), CompressionMode.Decompress);
        try
        {
            while (true)
            {
                // One byte beyond the limit is enough to know that it is passed.
                var room = into.GetSpan(Math.Min(StepBytes, bytesMax - into.Length + 1));
                var length = stream.Read(room[..Math.Min(room.Length, StepBytes)]);
                if (length == 0)
                {
                    return null;
                }

                if (length > bytesMax - into.Length)
                {
                    return GrpcStatus.TooLong(bytesMax);
                }

                if (!budget.TryTake(length))
                {
                    return GrpcStatus.NoRoom();
                }

                into.Advance(length);
            }
        }
        catch (InvalidDataException)
        {
            return GrpcStatus.Invalid("a compressed message is not gzip");
        }
    }

    /// <summary>Compresses a message onto the end of <paramref name="into"/>, fast rather than small.</summary>
    public static void Deflate(ReadOnlySpan<byte> message, PooledBuffer into)
    {
        using var target = new MemoryStream();
        using (var stream = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(message);
        }

        into.Write(target.GetBuffer().AsSpan(0, (int)target.Length));
    }

    private static MemoryStream StreamOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)     // An array that was found is there.
            : new MemoryStream(bytes.ToArray(), writable: false);
}
