using System.Buffers;
using System.IO.Pipelines;

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
            ResponseRecord.Write(output, response.Key, response.Answer.Outputs, response.Cost, clock.GetElapsedTime(response.StoredAt));
            var flush = await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (flush.IsCompleted)
            {
                return;
            }
        }

        ResponseRecord.WriteEnd(output);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
