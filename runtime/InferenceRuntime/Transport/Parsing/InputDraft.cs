using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>What is known so far of the input that is being read; its fields may come in any order.</summary>
internal sealed class InputDraft
{
    private readonly long[] _shape = new long[TensorShape.RankMax];

    /// <summary>Fields of an input that may stand once.</summary>
    [Flags]
    internal enum Fields
    {
        None = 0,
        Name = 1,
        Shape = 2,
        Datatype = 4,
        Parameters = 8,
        Data = 16,
        Declared = Name | Shape | Datatype,
    }

    /// <summary>Place in the request's list of inputs.</summary>
    public int Position { get; private set; }

    /// <summary>Place in the signature, once the name was read.</summary>
    public int Input { get; set; }

    public Fields Seen { get; private set; }

    public Datatype Datatype { get; set; }

    public int Rank { get; private set; }

    /// <summary>Product of the dimensions, once checked.</summary>
    public long Elements { get; set; }

    /// <summary>Length of the binary form; −1 when the input is not binary.</summary>
    public long BinarySize { get; set; }

    /// <summary>Where <c>data</c> stands in the JSON when it could not be decoded on the way; empty otherwise.</summary>
    public Range DeferredData { get; set; }

    public bool IsDecoded { get; set; }

    public bool IsDeclared => (Seen & Fields.Declared) == Fields.Declared;

    public ReadOnlySpan<long> Shape => _shape.AsSpan(0, Rank);

    public void Begin(int position)
    {
        Position = position;
        Seen = Fields.None;
        (Input, Rank, Elements, BinarySize) = (-1, 0, 0, -1);
        DeferredData = default;
        IsDecoded = false;
    }

    /// <summary>False when the field stands for the second time.</summary>
    public bool TrySee(Fields field)
    {
        var first = (Seen & field) == 0;
        Seen |= field;
        return first;
    }

    /// <summary>False when there are too many dimensions.</summary>
    public bool TryAddDimension(long length)
    {
        if (Rank == _shape.Length)
        {
            return false;
        }

        _shape[Rank++] = length;
        return true;
    }

    /// <summary>How errors name this input.</summary>
    public string Label(ServedModel model) =>
        Input < 0 ? $"inputs[{Position}]" : $"inputs[{Position}] {ClientText.Quote(model.Signature.Inputs[Input].Name)}";
}
