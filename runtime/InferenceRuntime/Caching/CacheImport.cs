using System.Buffers.Binary;
using System.Collections.Immutable;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Caching;

/// <summary>Reads a <see cref="CacheStream"/> that another process wrote. Believes nothing: lengths, shapes and sizes are checked before they are used.</summary>
/// <param name="input">The stream.</param>
/// <param name="signature">The model's signature.</param>
/// <param name="bytesMax">Bytes that keys and outputs may have together; reading ends there.</param>
internal sealed class CacheImport(Stream input, ModelSignature signature, long bytesMax)
{
    private static readonly TimeSpan AgeMax = TimeSpan.FromDays(365);

    // Longest piece of memory that is taken on the word of a length; more only once that much has come.
    private const int PieceMax = 64 << 10;

    private readonly byte[] _scratch = new byte[sizeof(long)];
    private long _left = bytesMax;

    /// <summary>Responses read so far, the hottest first; whole and checked, whatever comes after them.</summary>
    public List<FetchedResponse> Responses { get; } = [];

    /// <summary>Reads to the end or to the limit.</summary>
    /// <param name="sha256">SHA-256 of the model file, hexadecimal.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Null when the stream was good; otherwise what is wrong with it.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<string?> ReadAsync(string sha256, CancellationToken cancellationToken)
    {
        try
        {
            var head = new byte[CacheStream.Form.Length + CacheStream.HashBytes];
            await input.ReadExactlyAsync(head, cancellationToken).ConfigureAwait(false);
            if (!head.AsSpan().StartsWith(CacheStream.Form))
            {
                return "it speaks another form of the stream";
            }

            if (!head.AsSpan(CacheStream.Form.Length).SequenceEqual(Convert.FromHexString(sha256)))
            {
                return "it serves another model file";
            }

            while (await ReadInt32Async(cancellationToken).ConfigureAwait(false) is not 0 and var keyLength)
            {
                if (keyLength > _left)
                {
                    return null; // More than was asked for: enough.
                }

                if (await ReadResponseAsync(keyLength, cancellationToken).ConfigureAwait(false) is not { } response)
                {
                    return "a response does not fit the model";
                }

                Responses.Add(response);
            }

            return null;
        }
        catch (EndOfStreamException)
        {
            return "the stream ends early";
        }
    }

    /// <summary>Reads a single response that has no head before it.</summary>
    /// <returns>Null: it is cut, too long, or does not fit the model.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<FetchedResponse?> ReadOneAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadResponseAsync(await ReadInt32Async(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    private async Task<FetchedResponse?> ReadResponseAsync(int keyLength, CancellationToken cancellationToken)
    {
        if (await ReadBytesAsync(keyLength, cancellationToken).ConfigureAwait(false) is not { } key)
        {
            return null;
        }

        var cost = await ReadDoubleAsync(cancellationToken).ConfigureAwait(false);
        var age = await ReadDoubleAsync(cancellationToken).ConfigureAwait(false);
        if (RequestKeys.Decode(key, signature.Inputs.Length) is not { } request
            || !IsWanted(request.OutputsWanted)
            || cost is not (>= 0 and < 1e12)
            || !(age >= 0 && age <= AgeMax.TotalSeconds)
            || !Fit(request.Inputs, signature.Inputs))
        {
            return null;
        }

        var outputs = new TensorContent[signature.Outputs.Length];
        for (var i = 0; i < outputs.Length; i++)
        {
            if (await ReadTensorAsync(cancellationToken).ConfigureAwait(false) is not { } tensor)
            {
                if ((request.OutputsWanted & (1UL << i)) != 0 || _scratch[0] != CacheStream.NotWanted)
                {
                    return null;
                }

                continue;
            }

            if ((request.OutputsWanted & (1UL << i)) == 0 || !Fits(tensor, signature.Outputs[i]) || !HasRows(tensor, request))
            {
                return null;
            }

            outputs[i] = tensor;
        }

        return new FetchedResponse(key, request, outputs, cost, TimeSpan.FromSeconds(age));
    }

    // Null also when the output is not wanted: the scratch then begins with that mark.
    private async Task<TensorContent?> ReadTensorAsync(CancellationToken cancellationToken)
    {
        await input.ReadExactlyAsync(_scratch.AsMemory(0, 1), cancellationToken).ConfigureAwait(false);
        var rank = _scratch[0];
        if (rank > TensorShape.RankMax)
        {
            return null;
        }

        var shape = new long[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            await input.ReadExactlyAsync(_scratch, cancellationToken).ConfigureAwait(false);
            shape[axis] = BinaryPrimitives.ReadInt64LittleEndian(_scratch);
        }

        var length = await ReadInt32Async(cancellationToken).ConfigureAwait(false);
        _scratch[0] = 0;
        return await ReadBytesAsync(length, cancellationToken).ConfigureAwait(false) is { } bytes ? new TensorContent(shape, bytes) : null;
    }

    private async Task<byte[]?> ReadBytesAsync(int length, CancellationToken cancellationToken)
    {
        if (length < 0 || length > _left)
        {
            return null;
        }

        _left -= length;
        var bytes = new byte[Math.Min(length, PieceMax)];
        var read = 0;
        while (true)
        {
            await input.ReadExactlyAsync(bytes.AsMemory(read), cancellationToken).ConfigureAwait(false);
            read = bytes.Length;
            if (read == length)
            {
                return bytes;
            }

            Array.Resize(ref bytes, (int)Math.Min(length, 2L * read));
        }
    }

    private async Task<int> ReadInt32Async(CancellationToken cancellationToken)
    {
        await input.ReadExactlyAsync(_scratch.AsMemory(0, sizeof(int)), cancellationToken).ConfigureAwait(false);
        return BinaryPrimitives.ReadInt32LittleEndian(_scratch);
    }

    private async Task<double> ReadDoubleAsync(CancellationToken cancellationToken)
    {
        await input.ReadExactlyAsync(_scratch, cancellationToken).ConfigureAwait(false);
        return BinaryPrimitives.ReadDoubleLittleEndian(_scratch);
    }

    private bool IsWanted(ulong outputs) => outputs != 0 && (signature.Outputs.Length == ModelSignature.OutputsMax || outputs >> signature.Outputs.Length == 0);

    private bool HasRows(TensorContent output, InferenceRequest request) =>
        !signature.Batched || output.Shape.Span[0] == request.Inputs[0].Shape.Span[0];

    private static bool Fit(TensorContent[] tensors, ImmutableArray<TensorSpec> specs)
    {
        for (var i = 0; i < tensors.Length; i++)
        {
            if (!Fits(tensors[i], specs[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Fits(TensorContent tensor, TensorSpec spec)
    {
        var shape = tensor.Shape.Span;
        if (shape.ContainsAnyInRange(long.MinValue, -1) || TensorShape.FirstMisfit(shape, spec.Shape) >= 0)
        {
            return false;
        }

        var elements = TensorShape.Elements(shape);
        return spec.Datatype == Datatype.Bytes
            ? BytesElements.Count(tensor.Bytes.Span) == elements
            : elements >= 0 && TensorShape.Bytes(elements, spec.Datatype.ElementSize()) == tensor.Bytes.Length;
    }
}
