using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using InferenceRuntime.Core.Caching;

namespace InferenceRuntime.Caching;

/// <summary>Writes the responses worth most as a <see cref="CacheStream"/>.</summary>
/// <param name="engine">Whose cache.</param>
/// <param name="sha256">SHA-256 of the model file, hexadecimal.</param>
/// <param name="clock">The engine's clock.</param>
internal sealed class CacheExport(CachingEngine engine, string sha256, TimeProvider clock)
{
    /// <param name="output">Receives the stream.</param>
    /// <param name="bytesMax">Memory that the responses may take together; what is written is less.</param>
    /// <param name="cancellationToken">Cancelled when the reader goes away.</param>
    public async Task WriteAsync(PipeWriter output, long bytesMax, CancellationToken cancellationToken)
    {
        output.Write(CacheStream.Form);
        output.Write(Convert.FromHexString(sha256));
        foreach (var response in engine.Hottest(bytesMax))
        {
            Write(output, response, clock.GetElapsedTime(response.StoredAt));
            var flush = await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (flush.IsCompleted)
            {
                return;
            }
        }

        WriteInt32(output, 0);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void Write(PipeWriter output, CachedResponse response, TimeSpan age)
    {
        WriteInt32(output, response.Key.Length);
        output.Write(response.Key);
        WriteDouble(output, response.Cost);
        WriteDouble(output, age.TotalSeconds);
        var wanted = BinaryPrimitives.ReadUInt64LittleEndian(response.Key);
        for (var i = 0; i < response.Answer.Outputs.Length; i++)
        {
            if ((wanted & (1UL << i)) == 0)
            {
                output.Write([CacheStream.NotWanted]);
                continue;
            }

            var tensor = response.Answer.Outputs[i];
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

    private static void WriteInt32(PipeWriter output, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), value);
        output.Advance(sizeof(int));
    }

    private static void WriteDouble(PipeWriter output, double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(sizeof(double)), value);
        output.Advance(sizeof(double));
    }
}
