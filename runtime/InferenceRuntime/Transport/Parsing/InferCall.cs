using System.Buffers;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>One inference request as read from its body. Belongs to a connection and is used again for each request on it.</summary>
/// <remarks>Everything read is valid until <see cref="Clear"/>. Not thread safe.</remarks>
internal sealed class InferCall
{
    private readonly byte[]?[] _rented;
    private readonly long[][] _shapes;
    private readonly bool[] _seen;

    public InferCall(ServedModel model)
    {
        var inputs = model.Signature.Inputs;
        Model = model;
        Inputs = new TensorContent[inputs.Length];
        _rented = new byte[]?[inputs.Length];
        _shapes = [.. inputs.Select(static i => new long[i.Shape.Length])];
        _seen = new bool[inputs.Length];
    }

    public ServedModel Model { get; }

    /// <summary>The whole body: JSON, then the binary tensors.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>Where the next binary tensor begins in <see cref="Body"/>.</summary>
    public int NextBinaryByte { get; set; }

    /// <summary>Where the JSON ends in <see cref="Body"/>.</summary>
    public int JsonLength { get; private set; }

    /// <summary>One tensor for each input, in the order of the signature.</summary>
    public TensorContent[] Inputs { get; }

    /// <summary>Length of the batch axis; 1 for a model that is not batched; 0 until the first input is read.</summary>
    public int Rows { get; set; }

    /// <summary>Sum of the bytes of the inputs.</summary>
    public long Bytes { get; private set; }

    public ulong OutputsWanted { get; set; }

    /// <summary>Outputs that go back in binary form.</summary>
    public ulong OutputsBinary { get; set; }

    /// <summary>Outputs for which the request says itself whether they are binary.</summary>
    public ulong OutputsExplicit { get; set; }

    /// <summary>What holds for outputs that say nothing themselves.</summary>
    public bool BinaryByDefault { get; set; }

    /// <summary>The id with its quotes, as JSON; empty when there is none.</summary>
    public Range Id { get; set; }

    /// <summary>Time the client gives, microseconds; 0 for no limit.</summary>
    public long TimeoutMicroseconds { get; set; }

    /// <summary>As the client asks: 1 is the highest, 0 the model's default.</summary>
    public ulong Priority { get; set; }

    public InputDraft Draft { get; } = new();

    public ReadOnlySpan<byte> IdJson => Body.Span[Id];

    /// <summary>Starts on a new body.</summary>
    public void Begin(ReadOnlyMemory<byte> body, int jsonLength)
    {
        Clear();
        Body = body;
        JsonLength = jsonLength;
        NextBinaryByte = jsonLength;
    }

    /// <summary>Gives all memory back.</summary>
    public void Clear()
    {
        for (var i = 0; i < _rented.Length; i++)
        {
            if (_rented[i] is { } array)
            {
                _rented[i] = null;
                ArrayPool<byte>.Shared.Return(array);
            }
        }

        Array.Clear(Inputs);
        Array.Clear(_seen);
        Body = default;
        (Rows, Bytes, TimeoutMicroseconds, Priority) = (0, 0, 0, 0);
        (OutputsWanted, OutputsBinary, OutputsExplicit, BinaryByDefault) = (0, 0, 0, false);
        Id = default;
    }

    /// <summary>Marks an input as named by the request; false when it was before.</summary>
    public bool TrySee(int input)
    {
        var first = !_seen[input];
        _seen[input] = true;
        return first;
    }

    public bool HasSeen(int input) => _seen[input];

    /// <summary>Memory for a decoded input, from the pool until <see cref="Clear"/>.</summary>
    public byte[] Rent(int input, int bytes) => _rented[input] = ArrayPool<byte>.Shared.Rent(bytes);

    /// <summary>Sets an input. The shape has the rank of the signature.</summary>
    public void Set(int input, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> bytes)
    {
        shape.CopyTo(_shapes[input]);
        Inputs[input] = new TensorContent(_shapes[input], bytes);
        Bytes += bytes.Length;
    }
}
