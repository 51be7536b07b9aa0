using System.IO.Pipelines;
using InferenceRuntime.Transport.Compression;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Transport;

/// <summary>Reads the body of a request into one piece of pooled memory.</summary>
/// <param name="bytesMax">Longest body.</param>
/// <param name="budget">What all bodies together may hold.</param>
internal sealed class RequestBody(int bytesMax, BodyBudget budget)
{
    /// <summary>A declared length is believed up to here, so that such bodies are copied once; beyond it, memory follows what arrives.</summary>
    public const int TrustedLength = 1 << 20;

    /// <summary>The refusal when the budget has no room.</summary>
    public static readonly RequestFault NoRoom = new(StatusCodes.Status429TooManyRequests, "the server holds as many bytes of requests as it may");

    /// <summary>First memory for a body of unknown length.</summary>
    private const int FirstLength = 4096;

    private readonly BodyInflater _inflater = new(bytesMax, budget);

    /// <summary>Reads to the end; null when all of it is in <paramref name="into"/>.</summary>
    /// <param name="reader">The connection's body reader.</param>
    /// <param name="declared">Content-Length, or null for a chunked body.</param>
    /// <param name="into">Receives the bytes. What it holds has been taken from the budget, also after a fault.</param>
    /// <param name="cancellationToken">Cancelled when the client goes away.</param>
    /// <exception cref="BadHttpRequestException">The client broke HTTP, was too slow, or sent more than the limit.</exception>
    public async ValueTask<RequestFault?> ReadAsync(
        PipeReader reader, long? declared, PooledBuffer into, CancellationToken cancellationToken)
    {
        if (declared > bytesMax)
        {
            return TooLarge();
        }

        into.GetSpan((int)Math.Min(declared ?? FirstLength, TrustedLength));
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var fault = Append(result, into);
            reader.AdvanceTo(result.Buffer.End);
            if (fault is not null || result.IsCompleted)
            {
                return fault;
            }
        }
    }

    /// <summary>Unpacks a body that was read; the same bounds hold for what comes out. Null when all of it is in <paramref name="into"/>.</summary>
    public RequestFault? Inflate(ContentCoding coding, ReadOnlyMemory<byte> packed, PooledBuffer into) => _inflater.Inflate(coding, packed, into);

    /// <summary>Gives the memory and its share of the budget back.</summary>
    public void Release(PooledBuffer body)
    {
        budget.Return(body.Length);
        body.Clear();
    }

    private RequestFault? Append(ReadResult result, PooledBuffer into)
    {
        if (result.Buffer.Length > bytesMax - into.Length)
        {
            return TooLarge();
        }

        if (!budget.TryTake(result.Buffer.Length))
        {
            return NoRoom;
        }

        foreach (var segment in result.Buffer)
        {
            into.Write(segment.Span);
        }

        return null;
    }

    private RequestFault TooLarge() =>
        new(StatusCodes.Status413PayloadTooLarge, $"the body is longer than the {bytesMax} bytes that are taken");
}
