using System.Buffers.Binary;
using System.Runtime.InteropServices;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Core.Caching;

/// <summary>The key of a request: which outputs are wanted, and each input's shape and bytes.</summary>
/// <remarks>
/// Written as: wanted outputs (u64); for each input its rank (i32), dimensions (i64 each), number of bytes (i64) and bytes. All
/// little-endian. Model and version are not in it: a cache belongs to one version of one model.
/// </remarks>
public static class RequestKeys
{
    /// <summary>Most axes of an input in a key that is read.</summary>
    public const int RankMax = 16;

    /// <summary>Hash of the key; allocates nothing.</summary>
    public static UInt128 Hash(KeyedHash hash, InferenceRequest request)
    {
        var state = hash.Begin();
        state.Add(request.OutputsWanted);
        foreach (var input in request.Inputs)
        {
            state.Add((ulong)input.Shape.Length);
            foreach (var dimension in input.Shape.Span)
            {
                state.Add((ulong)dimension);
            }

            state.Add((ulong)input.Bytes.Length);
            hash.Add(ref state, input.Bytes.Span);
        }

        return state.End(0);
    }

    /// <summary>True when the key is that of the request; allocates nothing.</summary>
    public static bool Matches(ReadOnlySpan<byte> key, InferenceRequest request)
    {
        if (key.Length != Length(request) || BinaryPrimitives.ReadUInt64LittleEndian(key) != request.OutputsWanted)
        {
            return false;
        }

        var rest = key[sizeof(ulong)..];
        foreach (var input in request.Inputs)
        {
            // Lengths may differ from input to input even where their sum is the same.
            var shape = MemoryMarshal.AsBytes(input.Shape.Span);
            if (rest.Length < sizeof(int) + shape.Length + sizeof(long)
                || BinaryPrimitives.ReadInt32LittleEndian(rest) != input.Shape.Length
                || !rest.Slice(sizeof(int), shape.Length).SequenceEqual(shape))
            {
                return false;
            }

            rest = rest[(sizeof(int) + shape.Length)..];
            if (BinaryPrimitives.ReadInt64LittleEndian(rest) != input.Bytes.Length
                || !rest.Slice(sizeof(long), input.Bytes.Length).SequenceEqual(input.Bytes.Span))
            {
                return false;
            }

            rest = rest[(sizeof(long) + input.Bytes.Length)..];
        }

        return true;
    }

    /// <summary>Writes the key; null when it is longer than an array may be.</summary>
    public static byte[]? Encode(InferenceRequest request)
    {
        var length = Length(request);
        if (length > Array.MaxLength)
        {
            return null;
        }

        var key = GC.AllocateUninitializedArray<byte>((int)length);
        BinaryPrimitives.WriteUInt64LittleEndian(key, request.OutputsWanted);
        var rest = key.AsSpan(sizeof(ulong));
        foreach (var input in request.Inputs)
        {
            var shape = MemoryMarshal.AsBytes(input.Shape.Span);
            BinaryPrimitives.WriteInt32LittleEndian(rest, input.Shape.Length);
            shape.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + shape.Length)..];
            BinaryPrimitives.WriteInt64LittleEndian(rest, input.Bytes.Length);
            input.Bytes.Span.CopyTo(rest[sizeof(long)..]);
            rest = rest[(sizeof(long) + input.Bytes.Length)..];
        }

        return key;
    }

    /// <summary>Reads a key that somebody else wrote; null when it is not a whole key of so many inputs.</summary>
    /// <param name="key">The key; the request reads from it.</param>
    /// <param name="inputs">Inputs of the model.</param>
    public static InferenceRequest? Decode(ReadOnlyMemory<byte> key, int inputs)
    {
        if (key.Length < sizeof(ulong))
        {
            return null;
        }

        var wanted = BinaryPrimitives.ReadUInt64LittleEndian(key.Span);
        var rest = key[sizeof(ulong)..];
        var tensors = new TensorContent[inputs];
        var bytes = 0L;
        for (var i = 0; i < inputs; i++)
        {
            if (!TryDecode(ref rest, out tensors[i]))
            {
                return null;
            }

            bytes += tensors[i].Bytes.Length;
        }

        return rest.IsEmpty ? new InferenceRequest(tensors, Rows: 1, bytes, wanted, 0, 0, long.MaxValue) : null;
    }

    private static bool TryDecode(ref ReadOnlyMemory<byte> rest, out TensorContent tensor)
    {
        tensor = default;
        var rank = rest.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(rest.Span);
        if (rank is < 0 or > RankMax)
        {
            return false;
        }

        var head = sizeof(int) + (rank * sizeof(long)) + sizeof(long);
        if (rest.Length < head)
        {
            return false;
        }

        var shape = MemoryMarshal.Cast<byte, long>(rest.Span.Slice(sizeof(int), rank * sizeof(long))).ToArray();
        var length = BinaryPrimitives.ReadInt64LittleEndian(rest.Span[(head - sizeof(long))..]);
        if (length < 0 || length > rest.Length - head)
        {
            return false;
        }

        tensor = new TensorContent(shape, rest.Slice(head, (int)length));
        rest = rest[(head + (int)length)..];
        return true;
    }

    private static long Length(InferenceRequest request)
    {
        long length = sizeof(ulong);
        foreach (var input in request.Inputs)
        {
            length += sizeof(int) + ((input.Shape.Length + 1L) * sizeof(long)) + input.Bytes.Length;
        }

        return length;
    }
}
