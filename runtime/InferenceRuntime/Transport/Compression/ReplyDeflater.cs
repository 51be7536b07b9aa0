using System.IO.Compression;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Transport.Compression;

/// <summary>Packs replies for clients that take them packed, where that pays.</summary>
internal static class ReplyDeflater
{
    /// <summary>Shorter replies go as they are: they fit one packet either way.</summary>
    public const int LengthMin = 1024;

    /// <summary>A packed reply is sent when it has at most this share of the bytes.</summary>
    public const double ShareMax = 0.9;

    /// <summary>After so many bytes it is seen whether packing pays.</summary>
    private const int Probe = 64 * 1024;

    /// <summary>Packs the JSON and the binary outputs; false, with nothing kept, when that does not pay.</summary>
    /// <param name="coding">Not identity.</param>
    /// <param name="json">The first part of the reply.</param>
    /// <param name="outputs">All outputs.</param>
    /// <param name="binary">Bit i set when output i follows the JSON.</param>
    /// <param name="into">Receives the packed bytes; empty before.</param>
    public static bool TryPack(ContentCoding coding, ReadOnlySpan<byte> json, ReadOnlySpan<TensorContent> outputs, ulong binary, PooledBuffer into)
    {
        var written = 0L;
        var pays = true;
        using (var sink = new PooledBufferStream(into))
        using (Stream packing = coding == ContentCoding.Gzip ? new GZipStream(sink, CompressionLevel.Fastest) : new ZLibStream(sink, CompressionLevel.Fastest))
        {
            pays = TryWrite(packing, json, into, ref written);
            for (var i = 0; i < outputs.Length && pays; i++)
            {
                pays = (binary & (1UL << i)) == 0 || TryWrite(packing, outputs[i].Bytes.Span, into, ref written);
            }
        }

        if (pays && into.Length <= written * ShareMax)
        {
            return true;
        }

        into.Clear();
        return false;
    }

    private static bool TryWrite(Stream packing, ReadOnlySpan<byte> bytes, PooledBuffer into, ref long written)
    {
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(bytes.Length, Probe)];
            packing.Write(piece);
            bytes = bytes[piece.Length..];
            written += piece.Length;
            if (written >= Probe && into.Length > written * ShareMax)
            {
                return false;
            }
        }

        return true;
    }
}
