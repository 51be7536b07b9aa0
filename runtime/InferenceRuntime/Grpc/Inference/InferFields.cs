using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>Where the fields of one ModelInferRequest lie in its message. Used again for each message; not thread safe.</summary>
internal sealed class InferFields
{
    /// <summary>Most inputs, and most outputs, that a request names; no model that can be served has more.</summary>
    public const int TensorsMax = 1024;

    private const string Malformed = "the message is not a ModelInferRequest";

    /// <summary>The model's name, UTF-8.</summary>
    public Range ModelName { get; private set; }

    /// <summary>The model's version, UTF-8; empty for the newest.</summary>
    public Range ModelVersion { get; private set; }

    /// <summary>The request's id, UTF-8; empty when there is none.</summary>
    public Range Id { get; private set; }

    /// <summary>Entries of the request's parameters.</summary>
    public RangeList Parameters { get; } = new(RequestParameters.CountMax);

    public RangeList Inputs { get; } = new(TensorsMax);

    public RangeList Outputs { get; } = new(TensorsMax);

    /// <summary>Tensors in raw form, in the order of the inputs.</summary>
    public RangeList Raw { get; } = new(TensorsMax);

    /// <summary>Finds the fields; null when the message is well formed at this level.</summary>
    public GrpcStatus? Read(ReadOnlySpan<byte> message)
    {
        Clear();
        var reader = new ProtoReader(message);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out var field, out var wire))
            {
                return GrpcStatus.Invalid(Malformed);
            }

            // A known field in another wire form is passed over like an unknown one.
            if (wire != WireType.LengthDelimited || field > 7)
            {
                if (!reader.TrySkip(field, wire))
                {
                    return GrpcStatus.Invalid(Malformed);
                }

                continue;
            }

            if (!reader.TryReadRange(out var place))
            {
                return GrpcStatus.Invalid(Malformed);
            }

            if (!TryNote(field, place))
            {
                return GrpcStatus.Invalid($"{NameOf(field)}: too many");
            }
        }

        return null;
    }

    /// <summary>Forgets the message.</summary>
    public void Clear()
    {
        ModelName = ModelVersion = Id = default;
        Parameters.Clear();
        Inputs.Clear();
        Outputs.Clear();
        Raw.Clear();
    }

    private bool TryNote(int field, Range place)
    {
        switch (field)
        {
            case 1:
                ModelName = place;
                return true;
            case 2:
                ModelVersion = place;
                return true;
            case 3:
                Id = place;
                return true;
            case 4:
                return Parameters.TryAdd(place);
            case 5:
                return Inputs.TryAdd(place);
            case 6:
                return Outputs.TryAdd(place);
            default:
                return Raw.TryAdd(place);
        }
    }

    private static string NameOf(int field) => field switch
    {
        4 => "parameters",
        5 => "inputs",
        6 => "outputs",
        _ => "raw_input_contents",
    };
}
