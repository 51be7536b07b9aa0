using System.IO.Compression;
using System.Runtime.InteropServices;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Transport.Compression;

/// <summary>Unpacks request bodies. Every bound is checked on the bytes that come out, while they come. Thread safe.</summary>
/// <param name="bytesMax">Longest body, unpacked.</param>
/// <param name="budget">What all bodies together may hold.</param>
internal sealed class BodyInflater(int bytesMax, BodyBudget budget)
{
    /// <summary>Bytes that come out for each byte that went in, at most, beyond <see cref="FreeBytes"/>. Deflate reaches 1,032.</summary>
    public const int RatioMax = 256;

    /// <summary>So much may come out of a body whatever the ratio.</summary>
    public const int FreeBytes = 1 << 20;

    /// <summary>Bytes that are unpacked between two looks at the bounds.</summary>
    private const int Piece = 32 * 1024;

    /// <summary>Unpacks to the end; null when all of it is in <paramref name="into"/>.</summary>
    /// <param name="coding">Not identity.</param>
    /// <param name="packed">The body as it came.</param>
    /// <param name="into">Receives the bytes. What it holds has been taken from the budget, also after a fault.</param>
    public RequestFault? Inflate(ContentCoding coding, ReadOnlyMemory<byte> packed, PooledBuffer into)
    {
        if (!MemoryMarshal.TryGetArray(packed, out var segment) || segment.Count == 0)
        {
            return RequestFault.Invalid("the body is empty");
        }

        using var source = new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false);
        using Stream inflating = coding == ContentCoding.Gzip ? new GZipStream(source, CompressionMode.Decompress) : new ZLibStream(source, CompressionMode.Decompress);
        try
        {
            return Inflate(inflating, source, into);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            // An IOException is the unpacker's word for data that asks for a dictionary; nothing else is read here.
            return RequestFault.Invalid($"Content-Encoding: the body is not whole and sound {coding.Name()}");
        }
    }

    private RequestFault? Inflate(Stream inflating, MemoryStream source, PooledBuffer into)
    {
        while (true)
        {
            var left = bytesMax - into.Length;
            var span = into.GetSpan(Piece);
            var read = inflating.Read(span[..Math.Min(Piece, left < Piece ? left + 1 : Piece)]);
            if (read == 0)
            {
                return null;
            }

            if (read > left)
            {
                return new RequestFault(StatusCodes.Status413PayloadTooLarge, $"the unpacked body is longer than the {bytesMax} bytes that are taken");
            }

            if (!budget.TryTake(read))
            {
                return RequestBody.NoRoom;
            }

            into.Advance(read);
            if (into.Length > FreeBytes && into.Length > RatioMax * source.Position)
            {
                return new RequestFault(StatusCodes.Status413PayloadTooLarge, $"the body unpacks to more than {RatioMax} times its length");
            }
        }
    }
}
