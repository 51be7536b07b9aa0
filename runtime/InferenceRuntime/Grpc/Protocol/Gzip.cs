using System.IO.Compression;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Grpc.Protocol;

/// <summary>Compresses single messages.</summary>
internal static class Gzip
{
    /// <summary>Name of the encoding in headers.</summary>
    public const string Name = "gzip";

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
}
