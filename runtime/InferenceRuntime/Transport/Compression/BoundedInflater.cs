using System.IO.Compression;
using System.Runtime.InteropServices;

namespace InferenceRuntime.Transport.Compression;

/// <summary>Unpacks what clients sent. Every bound is checked on the bytes that come out, while they come. Thread safe.</summary>
/// <param name="budget">What all bodies together may hold.</param>
internal sealed class BoundedInflater(BodyBudget budget)
{
    /// <summary>Bytes that come out for each byte that went in, at most, beyond <see cref="FreeBytes"/>. Deflate reaches 1,032.</summary>
    public const int RatioMax = 256;

    /// <summary>So much may come out whatever the ratio.</summary>
    public const int FreeBytes = 1 << 20;

    /// <summary>Bytes that are unpacked between two looks at the bounds.</summary>
    private const int Piece = 32 * 1024;

    /// <summary>Unpacks to the end.</summary>
    /// <param name="coding">Not identity.</param>
    /// <param name="packed">All of it, in an array.</param>
    /// <param name="into">Empty; receives the bytes. What it holds has been taken from the budget, also when not all came out.</param>
    /// <param name="bytesMax">Most that may come out.</param>
    public Inflation Inflate(ContentCoding coding, ReadOnlyMemory<byte> packed, PooledBuffer into, int bytesMax)
    {
        if (!MemoryMarshal.TryGetArray(packed, out var segment))
        {
            throw new ArgumentException("not in an array", nameof(packed));
        }

        using var source = new MemoryStream(segment.Array ?? [], segment.Offset, segment.Count, writable: false);
        using Stream inflating = coding == ContentCoding.Gzip ? new GZipStream(source, CompressionMode.Decompress) : new ZLibStream(source, CompressionMode.Decompress);
        try
        {
            return Inflate(inflating, source, into, bytesMax);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            // An IOException is the unpacker's word for data that asks for a dictionary; nothing else is read here.
            return Inflation.Damaged;
        }
    }

    private Inflation Inflate(Stream inflating, MemoryStream source, PooledBuffer into, int bytesMax)
    {
        while (true)
        {
            // One byte beyond the limit is enough to know that it is passed.
            var left = bytesMax - into.Length;
            var span = into.GetSpan(Piece);
            var read = inflating.Read(span[..Math.Min(Piece, left < Piece ? left + 1 : Piece)]);
            if (read == 0)
            {
                return Inflation.Whole;
            }

            if (read > left)
            {
                return Inflation.TooLong;
            }

            if (!budget.TryTake(read))
            {
                return Inflation.NoRoom;
            }

            into.Advance(read);
            if (into.Length > FreeBytes && into.Length > RatioMax * source.Position)
            {
                return Inflation.TooDense;
            }
        }
    }
}
