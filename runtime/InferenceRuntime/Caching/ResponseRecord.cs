using System.Buffers;
using System.Buffers.Binary;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Caching;

/// <summary>Writes one request with its response as a <see cref="CacheStream"/> has them; <see cref="CacheImport"/> reads it.</summary>
internal static class ResponseRecord
{
    /// <param name="output">Receives the bytes.</param>
    /// <param name="key">The request, as <see cref="Core.Caching.RequestKeys"/> writes it; not empty.</param>
    /// <param name="outputs">One tensor for each output; empty where not wanted.</param>
    /// <param name="cost">Compute time, microseconds.</param>
    /// <param name="age">How long ago it was answered.</param>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> key, ReadOnlySpan<TensorContent> outputs, double cost, TimeSpan age)
    {
        WriteInt32(output, key.Length);
        output.Write(key);
        WriteDouble(output, cost);
        WriteDouble(output, age.TotalSeconds);
        var wanted = BinaryPrimitives.ReadUInt64LittleEndian(key);
        for (var i = 0; i < outputs.Length; i++)
        {
            if ((wanted & (1UL << i)) == 0)
            {
                output.Write([CacheStream.NotWanted]);
                continue;
            }

            var tensor = outputs[i];
            output.Write([(byte)tensor.Shape.Length]);
            foreach (var dimension in tensor.Shape.Span)
            {
                BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(sizeof(long)), dimension);
                output.Advance(sizeof(long));
            }

            WriteInt32(output, tensor.Bytes.Length);
            output.Write(tensor.Bytes.Span);
        }
    }

    /// <summary>Ends a stream of them.</summary>
    public static void WriteEnd(IBufferWriter<byte> output) => WriteInt32(output, 0);

    private static void WriteInt32(IBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), value);
        output.Advance(sizeof(int));
    }

    private static void WriteDouble(IBufferWriter<byte> output, double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(sizeof(double)), value);
        output.Advance(sizeof(double));
    }
}
